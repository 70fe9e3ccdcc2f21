package drift

import "math"

// mostCorrection bounds how far the rate asked for is corrected.
const mostCorrection = 2

// Foretold is what was said at past instants by thresholds chosen before them:
// statistics are -1 for an alarm and 0 for none.
type Foretold struct { //nolint:recvcheck // read by value, filled in place
	// All is what all kinds said together at each instant, nothing where too
	// little was known to choose; ByKind what each kind said of those whom it
	// could judge.
	All    [][]Past
	ByKind [Kinds][][]Past
}

// Foretell judges each instant, oldest first, by the thresholds that would
// have been chosen then: on the labels that were complete, lag instants back.
// Where false alarms came out above the rate stated, less is asked of the next
// choice, and more where they stayed below ([Foretold.Asked]; adaptive
// conformal inference, Gibbs and Candes 2021). An instant is judged once 5
// false alarms and least occasions are to be expected of those known.
//
// The rate is per 1,000 customers and cycle. Errors are those of [ChooseByKind].
func Foretell(past [][]Occasion, lag, least int, rate float64) (Foretold, error) {
	out := Foretold{All: make([][]Past, len(past))}
	for k := range out.ByKind {
		out.ByKind[k] = make([][]Past, len(past))
	}
	var known []Occasion
	last := map[int][Kinds]float64{} // by customer, what was said at the instant before
	for t := range past {
		if t >= lag {
			known = append(known, past[t-lag]...)
		}
		if float64(len(known))*rate/1000 < leastAlarms || len(known) < least {
			continue
		}
		chosen, err := ChooseByKind(known, out.Asked(rate, t-lag+1), 0)
		if err != nil {
			return Foretold{}, err
		}
		last = out.say(t, past[t], chosen.Rule, last)
	}
	return out, nil
}

// say judges one instant and returns what was said of each customer.
func (f *Foretold) say(t int, occasions []Occasion, rule Rule, last map[int][Kinds]float64) map[int][Kinds]float64 {
	said := make(map[int][Kinds]float64, len(occasions))
	for _, o := range occasions {
		before, ok := last[o.Customer]
		var now [Kinds]float64
		for k := range Kind(Kinds) {
			now[k] = alarm(rule, k, o.Statistic[k])
			if !ok { // the first instant judged: the run may have begun before it
				before[k] = alarm(rule, k, o.Before[k])
			}
		}
		said[o.Customer] = now
		o.Statistic, o.Before = now, before
		f.All[t] = append(f.All[t], o.Scaled(Rule{Threshold: -1}))
		for k := range Kind(Kinds) {
			if o.Usable[k] {
				f.ByKind[k][t] = append(f.ByKind[k][t], o.ByKind(k))
			}
		}
	}
	return said
}

func alarm(rule Rule, k Kind, statistic float64) float64 {
	if rule.scale(k, statistic) <= -1 {
		return -1
	}
	return 0
}

// Said joins what was said at the first n instants.
func Said(at [][]Past, n int) (out []Past) {
	for _, said := range at[:min(max(n, 0), len(at))] {
		out = append(out, said...)
	}
	return out
}

// FalseRuns counts the runs of alarms that began and that no churn followed.
func FalseRuns(said []Past) (n int) {
	for _, p := range said {
		if !p.Churned && p.alarms(-1) {
			n++
		}
	}
	return n
}

// Asked returns the rate to ask for so that the rate wanted comes out, by the
// first n instants, with e false alarms expected and f found:
//
//	rate (e + 20) / (f + 20), between half and twice the rate
func (f Foretold) Asked(rate float64, n int) float64 {
	kept := 0
	said := Said(f.All, n)
	for _, p := range said {
		if !p.Churned {
			kept++
		}
	}
	factor := (rate/1000*float64(kept) + trust) / (float64(FalseRuns(said)) + trust)
	return rate * math.Min(math.Max(factor, 1.0/mostCorrection), mostCorrection)
}
