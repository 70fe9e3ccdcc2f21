// Package api shows the published snapshot to programs: gRPC, and REST over
// it.
//
// A handler converts in, calls one method of a small interface, and converts
// out. REST is grpc-gateway in front of the same handlers, over a channel
// within the process, so that every call passes the same interceptors.
//
//	HTTP  ->  request id, loopback rule, log, metrics, limits  ->  gateway  \
//	gRPC  ->  request id, log                                                ->  metrics, errors, recovery  ->  handler
//
// Errors have kinds (model.ErrorKind). One table here says what each is in
// gRPC and in HTTP; what is for the log alone never leaves, the request's id
// does. Log lines hold routes as templates and no customer's id.
package api
