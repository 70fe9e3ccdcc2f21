// Package survey chooses whom to ask next, at which moment of his time with the
// shop, and says with what probability.
//
// It is a pure function of facts and instants: [Make] takes who comes to a
// moment on a day ([model.SurveyOccasion]), leaves out whom something stands
// against, and draws a sample of the rest. Never everybody is asked, and rather
// too few than too many: a moment has a rate, a day a capacity, and neither is
// ever exceeded.
//
// # The quarter's question
//
// It is what estimates for all customers rest on, so it is drawn first and apart:
// each customer has his own day in a quarter, and whether he is asked on it is
// drawn in advance by his hash, with the moment's rate for everybody. Who is drawn
// is kept for it: other moments but that of leaving let him alone in the time
// between two surveys before his day. So his probability is the same however
// often he buys, and the inverse of it weighs his answer to an estimate for all
// customers without bias (Horvitz and Thompson 1952), but for those who were asked
// by a playbook or somebody else in that time, or must not be written to on the
// day.
//
// # How the sample of the other moments is drawn
//
// What the quarter leaves of the day's capacity is theirs. A moment's expected number, its rate times those who may be asked, is spread
// over them twice. A share of it (30 % by default) goes to all alike, but more
// to segments that have given few answers. The rest goes to each in proportion
// to what knowing his answer is worth to a decision ([ValueOfAnswer]). The sum of
// both is his inclusion probability: never above 1, and never 0. It is a
// probability of that day, given that he came to the moment and could be asked:
// its inverse weighs his answer among those, and says nothing of how often
// somebody comes to a moment.
//
// The sample is systematic (Madow 1949) over customers in the order of moment,
// segments and hash: one random start in [0, 1), then every whole step along the
// running sum of probabilities. It has exactly these probabilities, its size is
// the expected one rounded up or down, and so is that of each moment.
//
// Start and order follow from the seed, the day and the id by SHA-256: the same
// facts give the same plan.
//
// # Who is held out
//
// Surveys are measurement, not treatment. Customers who are held out from
// retention are asked like all others, with the same probabilities: asked
// otherwise, the two arms' answers could not be compared. The treated get messages
// that use up caps and the time between two surveys, so facts alone would ask them
// less. Therefore who is held out counts as having got what he would have got: his
// suppressed triggers are taken through the guardrails of the treated (consent,
// tickets, one ask at a time, 90 days between surveys, quiet hours, caps), and
// what opened and expired counts as sent in both arms. A survey stays inside the
// caps of messages: together they are never exceeded.
//
// What is left of a difference: what treatment itself changes (who replies or buys
// gets other steps, and comes to other moments), the hours between opening and
// sending, and what depends on the whole shop (capacity of a day, hotspots).
package survey
