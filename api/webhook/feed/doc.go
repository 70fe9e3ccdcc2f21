// Package feed gives the rows of the feeds of scores, triggers and erasures as
// the events that receivers of webhooks are sent.
package feed
