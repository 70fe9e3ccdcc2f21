package model

import (
	"time"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// Remark is a distinct comment, tag or topic.
type Remark struct {
	// Hash identifies text and declared language.
	Hash     string
	Language string
	Text     string
	// IsTag says that it is an imported tag or topic, not a comment.
	IsTag bool
}

// RemarkReading is what a remark says, whoever wrote it.
type RemarkReading struct {
	Hash string `json:"hash"`
	// Language that it was read in, "" for a tag or where none is known.
	Language string `json:"language"`
	// Sentiment is -1 to 1, nil where it is not scored.
	Sentiment *float64 `json:"sentiment"`
	// Themes, with the severity of each: 1 to 3 for a complaint, 0 where the
	// theme is only named.
	Themes     []string `json:"themes"`
	Severities []int    `json:"severities"`
}

// ThemeWeek is one complaint theme in one week that begins on a Monday.
type ThemeWeek struct {
	Theme string    `json:"theme"`
	Week  time.Time `json:"week"`
	// Complaints and the customers who made them; Severe are those of the
	// highest severity. Complaints are comments of answers, tags of answers and
	// tickets, and topics of tickets.
	Complaints int `json:"complaints"`
	Customers  int `json:"customers"`
	Severe     int `json:"severe"`
	// Severity is the mean of 1 to 3 over the complaints, Revenue90d what these
	// customers bought in the 90 days before the week's end.
	Severity   float64 `json:"mean_severity"`
	Revenue90d float64 `json:"revenue_90d"`
	// Comments is the number of answers and tickets with a remark of that week, complaints or not.
	Comments int `json:"comments"`
	// ComplaintsBefore and CommentsBefore are of the four weeks before.
	ComplaintsBefore int `json:"complaints_four_weeks_before"`
	CommentsBefore   int `json:"comments_four_weeks_before"`
	// Share of the week's remarks.
	Share *estimate.Estimate `json:"share"`
	// Change is the share minus that of the four weeks before, nil without
	// remarks in these.
	Change *estimate.Estimate `json:"change"`
	// Sentiment is the mean over the complaints in a language that is scored,
	// nil where none is.
	Sentiment *float64 `json:"sentiment"`
	// Examples are the keys of the worst, newest first; Kind says of what.
	Examples []RemarkExample `json:"examples"`
}

// RemarkExample names where a complaint stands.
type RemarkExample struct {
	Kind FactKind `json:"kind"`
	ID   string   `json:"id"`
}
