package model

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"time"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// The experiment that is always on, and its arms: some customers get nothing of
// what is measured.
const (
	HoldoutExperiment = "holdout"
	HeldOut           = "holdout"
	Treated           = "treated"
)

// ExperimentMeasure is what an experiment looks at. Each is of one customer in a
// window from his assignment on; more is better.
type ExperimentMeasure string

// The measures.
const (
	// MeasureResponse: he answered a survey; between variants also that he
	// replied to a message. Those held out have none to reply to.
	MeasureResponse ExperimentMeasure = "response"
	// MeasureConversion: he ordered; between variants also that a message is
	// reported to have converted him.
	MeasureConversion ExperimentMeasure = "conversion"
	// MeasureRepeat: he ordered again.
	MeasureRepeat ExperimentMeasure = "repeat_purchase"
	// MeasureRetention: he did not churn within the horizon.
	MeasureRetention ExperimentMeasure = "retention"
	// MeasureRevenue: what he spent within the horizon, less refunds.
	MeasureRevenue ExperimentMeasure = "revenue"
)

// ExperimentMeasures returns all of them, the quickest to know first.
func ExperimentMeasures() []ExperimentMeasure {
	return []ExperimentMeasure{MeasureResponse, MeasureConversion, MeasureRepeat, MeasureRetention, MeasureRevenue}
}

// ExperimentDesign is how customers are assigned to the arms of an experiment,
// from a run of the playbooks on.
type ExperimentDesign struct {
	Name string `json:"experiment"`
	// Playbook is the one that it varies, "" for the holdout, Vary what differs.
	Playbook string `json:"playbook"`
	Vary     string `json:"vary"`
	// Measure is the one that decides.
	Measure ExperimentMeasure `json:"measure"`
	// Variants are the arms, the one that others are compared with first.
	Variants []ExperimentShare `json:"variants"`
	// Content is a checksum of what the variants do.
	Content string `json:"-"`
	// Run and Since are from when on it is so.
	Run   int64     `json:"-"`
	Since time.Time `json:"since"`
	// Ended is when the playbooks had it no more, nil while they do.
	Ended *time.Time `json:"ended"`
}

// ExperimentShare is an arm and its share of the customers, 0 to 1.
type ExperimentShare struct {
	Name  string  `json:"variant"`
	Share float64 `json:"share"`
}

// variantSalt makes assignments to variants independent of the holdout.
const variantSalt = "churnwatch variant 1"

// Assign returns the arm of a customer. It follows from the experiment's name,
// the shares in their order and the id alone: the first eight bytes of SHA-256
// over salt, 0x1F, name, 0x1F and id, as a share of all, fall into it.
func (d ExperimentDesign) Assign(customer string) string {
	sum := sha256.Sum256([]byte(variantSalt + "\x1f" + d.Name + "\x1f" + customer))
	at := float64(binary.BigEndian.Uint64(sum[:8])) / math.MaxUint64
	for _, v := range d.Variants {
		if at -= v.Share; at < 0 {
			return v.Name
		}
	}
	return d.Variants[len(d.Variants)-1].Name
}

// SameArms reports whether both assign every customer alike.
func (d ExperimentDesign) SameArms(o ExperimentDesign) bool {
	if d.Name != o.Name || len(d.Variants) != len(o.Variants) {
		return false
	}
	for i, v := range d.Variants {
		if v != o.Variants[i] {
			return false
		}
	}
	return true
}

// ExperimentStore keeps the designs of experiments and tells what became of
// their customers.
type ExperimentStore interface {
	// ExperimentDesigns returns the designs in force at an instant, the holdout
	// among them, and those that ended before, in the order of their names.
	ExperimentDesigns(ctx context.Context, asOf time.Time) ([]ExperimentDesign, error)
	// ExperimentCells counts the customers of those designs, and their outcomes
	// as known at an instant. Cells are in the order of experiment, variant,
	// playbook and segment.
	ExperimentCells(ctx context.Context, q ExperimentQuery) (ExperimentCells, error)
}

// ExperimentQuery asks what is known of experiments at AsOf.
type ExperimentQuery struct {
	AsOf time.Time
	// Definition says who churned, and the horizon of retention and revenue.
	Definition Definition
	// Randomised are the codes of lives by which a trigger is eligible for the
	// holdout: that of being held out, and of everything that is asked after it.
	// A trigger that opened is eligible too.
	Randomised []string
	// Response, Conversion and Repeat are the windows of those measures.
	Response, Conversion, Repeat time.Duration
	// Cap is the quantile of the amounts spent that revenue is cut to.
	Cap float64
	// DataEnd is up to when outcomes are known at most; zero is the start of the
	// newest order's day.
	DataEnd time.Time
}

// ExperimentCells are counts as known at an instant.
type ExperimentCells struct {
	// End is up to when outcomes are known.
	End   time.Time
	Cells []ExperimentCell
}

// ExperimentCell counts the customers of an arm who were assigned by the same
// playbook and in the same segment: the group of their last answer then, ""
// without one. A customer is in an experiment once, from his first eligible
// trigger on.
type ExperimentCell struct {
	Experiment, Variant, Playbook, Segment string

	Assigned int
	// First is when the first of them was.
	First    time.Time
	Outcomes map[ExperimentMeasure]ExperimentOutcome
	Messages ExperimentMessages
}

// ExperimentMessages are what customers whose horizon is over were sent within
// it, surveys and transactional messages aside.
type ExperimentMessages struct {
	Customers, Sent int
	// Costed are those of them whose cost outreach told, Cost what these cost.
	Costed int
	Cost   float64
}

// Add sums two parts of the customers.
func (m ExperimentMessages) Add(o ExperimentMessages) ExperimentMessages {
	return ExperimentMessages{Customers: m.Customers + o.Customers, Sent: m.Sent + o.Sent, Costed: m.Costed + o.Costed, Cost: m.Cost + o.Cost}
}

// Mean returns the messages a customer, and their cost where every one's is
// known, nil otherwise.
func (m ExperimentMessages) Mean() (sent float64, cost *float64) {
	if m.Customers == 0 {
		return 0, nil
	}
	sent = float64(m.Sent) / float64(m.Customers)
	if m.Costed == m.Sent {
		mean := m.Cost / float64(m.Customers)
		cost = &mean
	}
	return sent, cost
}

// ExperimentOutcome counts the customers whose window is over and those of them
// who have the outcome; for revenue those who spent anything, with the sums of
// their amounts, and of amounts and squares of them cut to Cap. Without are those
// whose window is over and who have no outcome: without a contract nobody cancels
// one.
type ExperimentOutcome struct {
	Customers, Found         int
	Without                  int
	Raw, Sum, Squares, CutAt float64
}

// ExperimentReport is what all experiments have proven at an instant.
type ExperimentReport struct {
	AsOf time.Time `json:"as_of"`
	// DataEnd is up to when outcomes are known.
	DataEnd time.Time `json:"data_end"`
	// Error is the probability, at all looks together, that anything said of an
	// experiment is false, LeastEffect the least one worth knowing, and Power
	// what announced numbers are made for.
	Error       float64      `json:"error"`
	LeastEffect float64      `json:"least_effect"`
	Power       float64      `json:"power"`
	Experiments []Experiment `json:"experiments"`
	Warnings    []string     `json:"warnings"`
}

// Experiment is what one has proven.
type Experiment struct {
	ExperimentDesign

	Arms        []ExperimentArm `json:"arms"`
	SampleRatio *SampleRatio    `json:"sample_ratio"`
	// Comparisons are of each other arm with the first, by measure and part of
	// the customers.
	Comparisons []ExperimentComparison `json:"comparisons"`
}

// ExperimentArm is one arm: Share is what it should get.
type ExperimentArm struct {
	Variant  string  `json:"variant"`
	Share    float64 `json:"share"`
	Assigned int     `json:"assigned"`
}

// SampleRatio says whether the arms got their shares; P holds at any look.
type SampleRatio struct {
	P      float64 `json:"p"`
	Broken bool    `json:"broken"`
}

// ExperimentComparison compares an arm with the one that it is measured by.
type ExperimentComparison struct {
	Variant string            `json:"variant"`
	Against string            `json:"against"`
	Measure ExperimentMeasure `json:"measure"`
	// WindowDays is how long after his assignment a customer is looked at.
	WindowDays float64 `json:"window_days"`
	// Decides says that it is of the measure that decides, over all customers.
	Decides bool `json:"decides"`
	// Part is all, segment or playbook, Of which.
	Part string `json:"part"`
	Of   string `json:"of"`
	// Assigned are those of both arms, Waiting those whose window is not over,
	// Without those who have no outcome though it is.
	Assigned int `json:"assigned"`
	Waiting  int `json:"waiting"`
	Without  int `json:"without"`
	// Customers and Control count those with a known outcome, Value and
	// ControlValue are the means of their outcomes, nil without any.
	Customers        int      `json:"customers"`
	ControlCustomers int      `json:"control_customers"`
	Value            *float64 `json:"value"`
	ControlValue     *float64 `json:"control_value"`
	// Difference is Value minus ControlValue, Relative that as a share of
	// ControlValue; their intervals may be looked at any day. Nil while there
	// are too few.
	Difference *estimate.Estimate `json:"difference"`
	Relative   *estimate.Estimate `json:"relative"`
	Error      float64            `json:"error"`
	Verdict    string             `json:"verdict"`
	// Needs is the number of customers of both arms, outcomes known, that would
	// likely prove the least effect, More how many triggers of new customers that
	// is beyond those assigned. Nil where something is proven, nobody knows, or the
	// experiment has ended.
	Needs *int `json:"needs"`
	More  *int `json:"more"`
	// Says puts it into words.
	Says string `json:"says"`
}

// MeasuredEffect is what retention changed of churn, by the holdout: over all
// customers whom a playbook wanted to reach, whether or not they were reached.
type MeasuredEffect struct {
	AsOf time.Time `json:"as_of"`
	// Reduction is the share of the held out who churned minus that of the
	// treated, Relative that as a share of the former. The intervals may be
	// looked at any day. Relative is nil where an arm has no churn.
	Reduction estimate.Estimate  `json:"reduction"`
	Relative  *estimate.Estimate `json:"relative"`
	HeldOut   int                `json:"held_out"`
	Treated   int                `json:"treated"`
	// Proven says that the interval of Reduction excludes 0.
	Proven bool `json:"proven"`
	// Contacts are the messages that a treated customer was sent beyond those of
	// one held out, on average and within the horizon; ContactsCost is what they
	// cost, nil where outreach does not tell it of every one.
	Contacts     float64  `json:"contacts"`
	ContactsCost *float64 `json:"contacts_cost"`
}
