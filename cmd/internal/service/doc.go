// Package service is `churnwatch serve`: one process that owns the database
// and serves HTTP, gRPC and the commands of its user, rescores on a schedule,
// and keeps the figures for monitoring up to date.
package service
