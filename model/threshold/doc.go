// Package threshold says from which risk on it pays to contact a customer.
//
// A contact costs money whether it helps or not. It keeps a share of those who
// would have left, the effect, and what it keeps is worth what the customer
// would have spent. So with p the probability of churn, v the money at stake
// with the customer, e the effect and k the cost, a contact is expected to bring
//
//	net = p e v - k,    return = p e v / k
//
// and it pays from a return of 1 on, or from the probability k / (e v), which is
// another one for every customer: a fixed probability such as 0.5 contacts cheap
// customers in vain and leaves dear ones alone. Where not everybody can be
// contacted, the largest net comes first (Verbeke et al. 2012; Elkan 2001 for
// costs that differ by case).
//
// Whether that is so in fact is seen on past cutoffs, whose outcomes are known and
// where nobody was contacted: had he been, a customer who left would have brought
// e v - k, any other -k. The effect can't be seen there. It is measured by an
// experiment or assumed, and every net is linear in it.
//
// Probabilities that are off, or money at stake that is, move the best return
// away from 1. [Choose] looks for it on some cutoffs, and [Judge] says on others
// what a choice would have earned: on the ones that it was made on it looks better
// than it is. Intervals resample customers, all rows of one at all cutoffs
// together. No result depends on the number of threads.
package threshold
