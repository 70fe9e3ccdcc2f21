// Package retention turns what is known of customers into triggers: what is to
// be done for whom, by when, by whom and why, and what is not, and why not.
//
// churnwatch decides, times and caps; sending is the marketing tool's. What was
// sent and what came of it arrives as outreach, like any other fact, and closes
// the loop. What to do when is data: package playbook. How often and at what
// hours is package guard. The decision itself is a pure function of facts and
// instants: package decide. This package reads facts for it, in sets, and keeps
// what it says.
//
// What it did is proven, not claimed: some customers are held out, and playbooks
// vary a step by chance. Package proof says what that has shown so far.
package retention
