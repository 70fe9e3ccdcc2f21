// Package webhook tells receivers of changes, by Standard Webhooks
// (https://www.standardwebhooks.com).
//
// Events are the rows of the feeds that REST and gRPC give too, with the same
// sequence numbers: what a receiver is sent is the row as it stands, so that
// one who was away hears of the newest state of everything that changed and of
// nothing twice. All that is kept of a receiver is how far it was served, by
// feed, and the events that it did not take.
//
// Each receiver has a courier of its own, so that one that hangs delays no
// other. An event that was not taken is tried again at growing intervals and
// then kept as a dead letter; where several in a row were not taken the
// receiver is taken for down, its feed waits, and one event at a time is tried
// until it answers. What couriers have done is written by one goroutine in one
// step for all of them. After a kill the events since the last write are sent
// again, with the ids that they had.
package webhook
