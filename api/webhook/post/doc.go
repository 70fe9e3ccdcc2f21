// Package post sends one message of Standard Webhooks to a receiver: signed by
// every secret in force, within bounds of time and of what is read, following no
// redirect, and to no address that is not public unless it is allowed.
package post
