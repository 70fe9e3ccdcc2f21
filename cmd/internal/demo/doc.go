// Package demo makes up a shop whose causes of churn are known.
//
// [Generate] writes the shop's history as ordinary CSV files with the
// canonical columns, and returns [Planted], the truth behind them. The truth
// is never written into the files: what import, training and scoring find is
// held against it afterwards.
//
// # A customer
//
// A customer has an order rate (Erlang of shape 4, mean gap about 33 days,
// gaps from 10 to 60), a satisfaction level u (triangular on +-19 points,
// mean 0), a willingness to answer and fixed attributes (channel, region,
// tier, industry, language) that cause nothing. Orders are a Poisson process
// of that rate times the shop's season (annual wave, Christmas, promotions,
// weekday), at most one a day.
//
// He leaves in one of two ways and then orders nothing more:
//
//   - at once, with a daily hazard h0*exp(L - 0.045*u), where L sums the
//     impulses of what happened to him, each halved every 60 days, at most 4;
//   - by drifting: at times that depend on nothing else he orders less and
//     answers worse for two cycles of 30 days, then leaves (3 of 4) or
//     recovers. Some declines end after one cycle; they mean nothing.
//
// # An answer
//
// The score has exactly the mean m = base + u + dip + sum(points x exposure)
// on the scale 0-100: it is binomial on the steps of its kind (nps 10,
// rating and csat 4) with probability m/100. Kinds share the base. Whether
// somebody answers depends on his willingness alone.
//
// Exposures are what was known strictly before the answer was given:
//
//   - an answer with an order_id: the incidents of that order. late_delivery
//     counts 1 when the promised day has passed, arrived or not, and its
//     severity is the number of calendar days from the promised day to the
//     day of delivery or of the answer, whichever is first (1 or more);
//     misfit and cancelled_by_shop count 1. No survey on an order is
//     answered once a ticket about it was opened;
//   - an answer with a ticket_id: slow_first_reply (first reply later than
//     24 hours, or none yet) and unresolved_ticket (open for more than 72
//     hours) of that ticket;
//   - an answer with neither: for each pain point the number of incidents
//     dated in [answer - 90 days, answer), times its points at mean severity.
//     A late delivery is dated at the end of the promised day, a misfit at
//     returned_at, a cancellation at cancelled_at, a slow reply 24 and an
//     unresolved ticket 72 hours after opened_at.
//
// An order that the shop cancels is cancelled before its promised day ends
// and is never late.
//
// # What causes nothing
//
// Attributes of the customer, express shipping, discounts, searches, failed
// payments, abandoned carts, refunds as such, returns for other reasons and
// reopened tickets. Events of this group fall on the day of an order, so that
// they carry no information beyond that order.
//
// # The truth
//
// The points are parameters of the generator. What an estimator reports on a
// very large shop lies within 0.3 points of them, not exactly on them: who
// declines orders less and so has fewer incidents to answer about, and who
// leaves over an incident no longer answers. The weights in the odds of churn
// are no parameters at all: they depend on the horizon and on what else is in
// the model. Both are therefore computed by simulation, see [References].
package demo
