package model

// TreatmentReport says what became of the rows of customers whom retention
// touched, so that a score is the risk if nothing is done. Rows are customers at
// cutoffs.
type TreatmentReport struct {
	Status TreatmentStatus `json:"status"`
	// Touched are rows of customers to whom a retention message was sent, Wanted
	// those of others whom a playbook wanted to reach.
	Touched int `json:"touched"`
	Wanted  int `json:"wanted"`
	// LeftOut of both were taken out; HeldOut stand for them, each for 1/share
	// rows, Weight on the mean.
	LeftOut int      `json:"left_out"`
	HeldOut int      `json:"held_out"`
	Weight  *float64 `json:"mean_weight"`
	// Unmatched were touched without a playbook that had somebody held out:
	// nobody stands for them.
	Unmatched int `json:"unmatched"`
	// Says puts it into words.
	Says string `json:"says"`
}

// TreatmentStatus names what was done about touched customers.
type TreatmentStatus string

// The statuses.
const (
	// TreatmentLeftOut: they were left out, and the holdout stands for them.
	TreatmentLeftOut TreatmentStatus = "left_out"
	// TreatmentKept: they were kept in as if nothing had been done, because
	// nobody was held out who could stand for them.
	TreatmentKept TreatmentStatus = "kept_in"
)
