// Package drift tells a wobble from a decline.
//
// One quiet month says little, two in a row say something, and neither says
// anything when the whole shop is quiet. So orders are compared with what the
// customer's own level and the shop's common movement lead one to expect, over
// the last two cycles together.
//
// # Orders
//
// The eight cycles before T are numbered 1 (oldest) to 8; 1 to 6 are the
// baseline, 7 and 8 are judged. Cycle c is [T-(9-c)L, T-(8-c)L) for a cycle
// of L days. A customer counts as present in a cycle that lies wholly after
// the day of the first order: the cycle that holds the first order is non-zero
// by construction and would make every newcomer look like a decliner. B is the
// number of baseline cycles present (they are the newest B), at most 6.
//
// [Fit] returns the bound parameters: mu (Shop.Level), k (Shop.Prior), phi
// (Shop.Dispersion), m_1..m_8 (Shop.Movement). With the customer's integers
// B, y = orders in the B baseline cycles, o7 and o8 = orders in the cycles
// judged, and M_B = m_{7-B} + ... + m_6 (one number for each B, see
// [Shop.Baselines]):
//
//	level    = (y + k mu) / (M_B + k)              orders per ordinary cycle
//	e7       = level m_7,   e8 = level m_8         expected orders
//	E        = e7 + e8
//	z7       = (o7 - e7) / sqrt(phi e7 (1 + m_7 / (M_B + k)))
//	z8       = (o8 - e8) / sqrt(phi e8 (1 + m_8 / (M_B + k)))
//	combined = (o7 + o8 - E) / sqrt(phi E (1 + (m_7 + m_8) / (M_B + k)))
//	usable   = B >= 1 and E >= 2 and m_7 > 0 and m_8 > 0
//
// The term behind the 1 is the uncertainty of the own level. The level is
// shrunk towards the shop's mean mu with the weight of k ordinary cycles
// (Buehlmann 1967), because a high baseline is high partly by chance, and
// would otherwise be followed by a decline as a rule.
//
// # Own rhythm
//
// Who is expected to order too seldom for that is judged by the gaps between
// his days with an order, against his own usual gap ([Rhythm.Orders]).
//
// # Satisfaction
//
// With the own level s0 before both cycles, the means s7 and s8 of the answers
// in them (0-100) with standard errors r0, r7, r8, and the shop's shifts d7, d8
// ([FitShift]):
//
//	z7       = (s7 - s0 - d7) / sqrt(r7^2 + r0^2)
//	z8       = (s8 - s0 - d8) / sqrt(r8^2 + r0^2)
//	combined = (s7 + s8 - 2 s0 - d7 - d8) / sqrt(r7^2 + r8^2 + 4 r0^2)
//	usable   = all three standard errors are positive and finite
//
// An answer's variance counts what moves between two waves of one customer
// ([FitAnswerDispersion]).
//
// # The rule
//
// The statistic of a signal is combined where z7 < 0 and z8 < 0, else 0; that
// of a customer the least over usable signals ([Statistic]). A customer drifts
// if a signal's is at most the threshold of its kind; by rhythm nobody does who
// ordered again since, no longer ago than usual. History sets them
// ([ChooseByKind]): each kind flags the same number in 1,000 of those whom it
// can judge and who did not churn, and all together the stated number of
// customers per cycle. One threshold for all kinds would leave it to their
// tails, which are not alike, which of them speaks.
// Two separate significance tests would have no power, and comparing each
// cycle with the one before would count the middle one twice.
package drift
