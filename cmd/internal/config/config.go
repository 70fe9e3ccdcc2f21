package config

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
	"github.com/churnwatch/churnwatch/scoring/retention/playbook"
	"github.com/churnwatch/churnwatch/scoring/retention/survey"
)

// Config is every setting. [Default] is complete; the zero value is not valid.
type Config struct {
	Database     Database
	Currency     string // of amounts without one, and of every sum reported; orders in another one are refused
	TimeZone     string // of input times without one
	Ingest       Ingest
	Definition   Definition
	Drift        Drift
	Training     Training
	Satisfaction Satisfaction
	Themes       Themes
	PainPoints   PainPoints
	Retention    Retention
	Economics    Economics
	Surveys      Surveys
	Bands        Bands
	Freshness    Freshness
	Quality      Quality
	Cohorts      Cohorts
	Boards       Boards
	Targets      Targets
	Server       Server
	Telemetry    Telemetry
	Webhooks     Webhooks
	Log          Log
}

// Database says where the data are and what DuckDB may use.
type Database struct {
	Path          string
	MemoryLimit   Size
	TempDirectory string // "" is beside the database
	KeepFree      Size   // beside the file; 0 is none
	Threads       int    // 0 is all
}

// Ingest bounds the reading of files.
type Ingest struct {
	ChunkBytes        Size
	QuarantineKeep    Duration
	MaxRejectedListed int
	MaxBatch          Size // of one request
	MaxStream         Size // of one stream
}

// Definition says who counts as churned.
type Definition struct {
	Kind     string // inactivity or cancellation
	Horizon  Duration
	Lookback Duration
}

// Drift sets the two-cycle alarm.
type Drift struct {
	Cycle              Duration
	FalseAlarmsPer1000 float64 // per 1,000 customers and cycle
}

// Training sets what the predictors are fitted on.
type Training struct {
	CalendarStep  Duration // between cutoffs
	MinHistory    Duration // before the first cutoff
	MaxCutoffs    int
	MaxRows       int
	Seed          uint64
	IntervalLevel float64
}

// Themes sets what complaints are found by.
type Themes struct {
	Lexicons []string
}

// Satisfaction sets the satisfaction index.
type Satisfaction struct {
	HalfLife      Duration // of an answer's weight
	HalfLifeBasis string   // measured or configured
	Cohort        string   // a column of customers, or none
}

// PainPoints names the files that define pain points of the user's own.
type PainPoints struct {
	Files []string
	// Own is what the files say; whoever loads the configuration reads them.
	Own []model.PainPoint
}

// Retention sets what is done about a risk, and its bounds.
type Retention struct {
	Playbooks          []string // files beside the program's own
	QuietHours         string   // in the customer's zone, "" is none
	BusinessHours      string   // of service levels, "" is always
	Holidays           []string
	Caps               []string // of messages to one customer
	Capacity           []string // of a day
	SurveyEvery        Duration
	AskEvery           Duration
	Holdout            float64
	LeastEffect        float64 // worth proving
	ConsentUnknown     string  // refuse or allow
	CountTransactional string  // no or yes
	FirstLook          Duration
	RunEvery           Duration // in serve; 0 is never
	// Own is what the files say on top of the program's own playbooks; whoever
	// loads the configuration reads them.
	Own []playbook.Playbook
}

// Economics are what contacts cost and do.
type Economics struct {
	Effect       float64 // share of those who would churn that a contact keeps
	EffectLow    float64
	EffectHigh   float64
	EffectSource string
	Cost         []string // of one contact, by channel
	Margin       float64  // of what customers spend
	LeastReturn  float64  // in times the cost
	Capacity     int      // contacts at one time; 0 is no bound
}

// Surveys sets whom surveys ask.
type Surveys struct {
	Moments     []string // with the question, the rate and the delay of each
	RandomShare float64  // of those asked
	Capacity    int      // of a day
	Quota       int      // answers of a segment in 90 days; 0 is none
	Segments    []string
	Channel     string
	Seed        uint64
}

// Bands are the lowest probabilities of the medium and the high band.
type Bands struct {
	Medium float64
	High   float64
}

// Freshness says how old the data may be before a score refers to them and not
// to the clock.
type Freshness struct {
	MaxAge Duration
}

// Quality says when a data-quality gate turns yellow (warn) or red (refuse).
type Quality struct {
	StaleWarn, StaleRefuse           float64 // usual gaps without a fact
	LabelsAtRisk                     float64 // share of labels that missing orders may turn wrong
	VolumeZ                          float64 // standard deviations
	BrokenWarn, BrokenRefuse         float64
	RepeatedWarn, RepeatedRefuse     float64
	QuarantineWarn, QuarantineRefuse float64
	LinkedWarn, LinkedRefuse         float64 // least shares
	OddWarn, OddRefuse               float64
	PiledWarn, PiledRefuse           float64
	LeakWarn, LeakRefuse             float64 // ROC-AUC of one feature alone
	DriftWarn                        float64 // population stability index
}

// Cohorts bounds the groups that are reported.
type Cohorts struct {
	Dimensions      []string
	MaxPerDimension int
	MinimumCell     int
	MinimumAnswers  int
	RetentionMonths int
}

// Boards sets what boards recommend.
type Boards struct {
	Actions string // a CSV file beside the program's own, "" is none
	// Own is what the file says; whoever loads the configuration reads it.
	Own string
}

// Targets are the goals of the board, as shares, and how long people have.
type Targets struct {
	DetractorResponse  float64
	DetractorRetention float64
	PromoterReview     float64
	PromoterReferral   float64
	PassiveToPromoter  float64
	ResurveyChange     float64 // points of 0 to 10
	ReplyWindow        Duration
	AskWindow          Duration
	OutcomeWindow      Duration
	AgainFrom          Duration // after an answer, when another one is awaited
	AgainUntil         Duration
	Period             Duration // in which windows closed
}

// Server sets the listeners and the schedule of `serve`.
type Server struct {
	HTTP            string
	GRPC            string
	AdminAddress    string // "" is none
	TLSCertificate  string // PEM files; "" is no encryption
	TLSKey          string
	TLSClientCA     string   // "" asks clients for no certificate
	Keys            []string // that hold from the start, with their files
	RatePerKey      int      // requests a second; 0 is any number
	ShutdownTimeout Duration
	Drain           Duration // between the end and the last request
	RescoreEvery    Duration // 0 is never
	RescoreTouched  Duration // 0 is never
	RetrainEvery    Duration // 0 is never
}

// Webhooks sets how receivers are told of changes.
type Webhooks struct {
	AllowNetworks []string // private ones that may be called
	Timeout       Duration // of a call
	RetryFor      Duration
	DisableAfter  Duration // without a success
	Keep          Duration // undelivered events
}

// Telemetry sets where traces go.
type Telemetry struct {
	Endpoint string  // a collector's address; "" is nowhere
	Share    float64 // of requests
}

// Log sets what is written to standard error.
type Log struct {
	Level  string
	Format string
}

// Default is the configuration of a user who sets nothing.
func Default() Config {
	return Config{
		Database:     Database{Path: "churnwatch.duckdb", MemoryLimit: 1e9, KeepFree: 64e6},
		Currency:     "EUR",
		TimeZone:     "UTC",
		Ingest:       Ingest{ChunkBytes: 32 << 20, QuarantineKeep: Days(30), MaxRejectedListed: 5, MaxBatch: 16 << 20, MaxStream: 1 << 30},
		Definition:   Definition{Kind: "inactivity", Horizon: Days(90), Lookback: Days(365)},
		Drift:        Drift{Cycle: Days(30), FalseAlarmsPer1000: 20},
		Training:     defaultTraining(),
		Satisfaction: Satisfaction{HalfLife: Days(180), HalfLifeBasis: "measured", Cohort: "channel"},
		Themes:       Themes{Lexicons: []string{}},
		PainPoints:   PainPoints{Files: []string{}},
		Retention:    defaultRetention(),
		Economics:    defaultEconomics(),
		Surveys:      defaultSurveys(),
		Bands:        Bands{Medium: 0.35, High: 0.65},
		Freshness:    Freshness{MaxAge: Days(int(scoring.DefaultLimits().MaxAgeDays))},
		Quality:      defaultQuality(),
		Cohorts:      Cohorts{Dimensions: []string{"channel", "region", "tier", "industry", "category", "tenure"}, MaxPerDimension: 25, MinimumCell: 5, MinimumAnswers: 10, RetentionMonths: 12},
		Targets:      defaultTargets(),
		Server:       defaultServer(),
		Telemetry:    Telemetry{Share: 0.1},
		Webhooks:     defaultWebhooks(),
		Log:          Log{Level: "info", Format: "text"},
	}
}

func defaultRetention() Retention {
	return Retention{
		Playbooks: []string{}, Holidays: []string{}, Capacity: []string{},
		QuietHours: "21:00-08:00", Caps: []string{"3 in 7d", "6 in 30d", "phone 1 in 7d", "sms 1 in 7d"},
		SurveyEvery: Days(90), AskEvery: Days(7), Holdout: 0.10, LeastEffect: 0.05, ConsentUnknown: "refuse", CountTransactional: "no", FirstLook: Days(2),
		RunEvery: Duration(time.Minute),
	}
}

func defaultTargets() Targets {
	return Targets{
		DetractorResponse: 0.40, DetractorRetention: 0.60, PromoterReview: 0.25, PromoterReferral: 0.15, PassiveToPromoter: 0.20,
		ResurveyChange: 2, ReplyWindow: Days(14), AskWindow: Days(30), OutcomeWindow: Days(90),
		AgainFrom: Days(60), AgainUntil: Days(135), Period: Days(90),
	}
}

// defaultEconomics restates those that are given in model alone.
func defaultEconomics() Economics {
	d := model.DefaultEconomics()
	out := Economics{
		Effect: d.Effect.Value, EffectLow: d.Effect.Low, EffectHigh: d.Effect.High, EffectSource: d.Effect.Source,
		Margin: d.Margin, LeastReturn: d.LeastReturn, Capacity: d.Capacity,
	}
	for _, channel := range slices.Sorted(maps.Keys(d.Costs)) {
		out.Cost = append(out.Cost, cmp.Or(channel, "any")+" "+render(d.Costs[channel]))
	}
	return out
}

func defaultSurveys() Surveys {
	return Surveys{
		Moments: survey.DefaultRates(), RandomShare: 0.3, Capacity: 200, Quota: 30,
		Segments: []string{"industry", "region", "shipping_method", "tenure"}, Channel: "email", Seed: 1,
	}
}

func defaultTraining() Training {
	return Training{
		CalendarStep:  Days(30),
		MinHistory:    Days(90),
		MaxCutoffs:    12,
		MaxRows:       400_000,
		Seed:          1,
		IntervalLevel: 0.90,
	}
}

// defaultQuality restates the limits of scoring, which are given there alone.
func defaultQuality() Quality {
	l := scoring.DefaultLimits()
	return Quality{
		StaleWarn: l.StaleWarn, StaleRefuse: l.StaleRefuse,
		LabelsAtRisk: l.LabelsAtRisk, VolumeZ: l.VolumeZ,
		BrokenWarn: l.BrokenWarn, BrokenRefuse: l.BrokenRefuse,
		RepeatedWarn: l.RepeatedWarn, RepeatedRefuse: l.RepeatedRefuse,
		QuarantineWarn: l.QuarantineWarn, QuarantineRefuse: l.QuarantineRefuse,
		LinkedWarn: l.LinkedWarn, LinkedRefuse: l.LinkedRefuse,
		OddWarn: l.OddWarn, OddRefuse: l.OddRefuse,
		PiledWarn: l.PiledWarn, PiledRefuse: l.PiledRefuse,
		LeakWarn: l.LeakWarn, LeakRefuse: l.LeakRefuse,
		DriftWarn: l.DriftWarn,
	}
}

func defaultServer() Server {
	return Server{
		HTTP:            "127.0.0.1:8080",
		GRPC:            "127.0.0.1:9090",
		Keys:            []string{},
		RatePerKey:      1000,
		ShutdownTimeout: Duration(10 * time.Second),
		RescoreEvery:    Days(1),
		RescoreTouched:  Duration(2 * time.Second),
		RetrainEvery:    Days(7),
	}
}

func defaultWebhooks() Webhooks {
	return Webhooks{
		AllowNetworks: []string{}, Timeout: Duration(10 * time.Second), RetryFor: Days(3), DisableAfter: Days(5), Keep: Days(30),
	}
}
