package config

import (
	"time"

	"github.com/churnwatch/churnwatch/api/access"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention/guard"
	"github.com/churnwatch/churnwatch/scoring/retention/survey"
)

// sections says what each section is for, in the order of [Example].
var sections = []struct{ name, comment string }{
	{"", "Of the data"},
	{"database", "The database file and what DuckDB may use"},
	{"ingest", "Reading of files and batches"},
	{"definition", "Who counts as churned"},
	{"drift", "The two-cycle alarm"},
	{"training", "What the predictors are fitted on"},
	{"satisfaction", "The satisfaction index"},
	{"themes", "What complaints are found by"},
	{"painpoints", "Pain points of one's own, beside those that come with the program"},
	{"retention", "What is done about a risk, and its bounds (churnwatch triggers, playbooks)"},
	{"economics", "What it costs to contact a customer, and what that brings (churnwatch thresholds)"},
	{"surveys", "Whom to ask next (churnwatch surveys); retention.survey_every is the time between two"},
	{"bands", "Lowest churn probability of a band; below medium is low"},
	{"freshness", "When data are too old to score as of now"},
	{"quality", "When data warn, and when training on them is refused (churnwatch check)"},
	{"cohorts", "The groups that are reported"},
	{"boards", "What people look at together (churnwatch segments, targets, review)"},
	{"targets", "The goals that churnwatch targets holds what was measured against"},
	{"server", "The listeners and the schedule of serve"},
	{"webhooks", "How receivers are told of changes (churnwatch webhooks)"},
	{"telemetry", "Traces of requests, for a collector of OpenTelemetry; they name no customer"},
	{"log", "What is written to standard error"},
}

// settings is every setting, in the order of [Example].
var settings = []setting{
	field("currency", "", func(c *Config) *string { return &c.Currency }, currency(),
		"of amounts without one, and of every sum reported; orders in another one are refused"),
	field("time_zone", "", func(c *Config) *string { return &c.TimeZone }, timeZone(),
		"of input times without one"),

	field("database.path", "db", func(c *Config) *string { return &c.Database.Path }, present(),
		"the file; one process owns it at a time"),
	field("database.memory_limit", "", func(c *Config) *Size { return &c.Database.MemoryLimit }, sizeBetween(64e6, 1<<44),
		"what DuckDB may hold in memory; the process can exceed it by a third"),
	field("database.temp_directory", "", func(c *Config) *string { return &c.Database.TempDirectory }, anything[string](),
		`where DuckDB spills what does not fit; "" is beside the database`),
	field("database.keep_free", "", func(c *Config) *Size { return &c.Database.KeepFree }, sizeBetween(0, 1<<44),
		"space beside the file below which nothing is loaded, scored or trained; reads go on, and down to a quarter of it keys, erasures, the audit log and webhooks; 0B writes until the disk is full"),
	field("database.threads", "threads", func(c *Config) *int { return &c.Database.Threads }, between(0, 1024),
		"of Go and DuckDB alike; 0 is all"),

	field("ingest.chunk_bytes", "", func(c *Config) *Size { return &c.Ingest.ChunkBytes }, sizeBetween(1<<20, 1<<30),
		"text staged at once"),
	field("ingest.quarantine_keep", "", func(c *Config) *Duration { return &c.Ingest.QuarantineKeep }, wholeDays(1, 3650),
		"how long refused rows are kept"),
	field("ingest.max_rejected_listed", "", func(c *Config) *int { return &c.Ingest.MaxRejectedListed }, between(0, 1000),
		"refused rows shown as examples after an import"),
	field("ingest.max_batch", "", func(c *Config) *Size { return &c.Ingest.MaxBatch }, sizeBetween(1<<20, 1<<28),
		"the largest batch that serve takes in one request"),
	field("ingest.max_stream", "", func(c *Config) *Size { return &c.Ingest.MaxStream }, sizeBetween(1<<20, 1<<34),
		"the largest batch that serve takes as a stream"),

	field("definition.kind", "definition", func(c *Config) *string { return &c.Definition.Kind }, oneOf("inactivity", "cancellation"),
		"inactivity (no order in the horizon) or cancellation (notice given in the horizon)"),
	field("definition.horizon", "horizon", func(c *Config) *Duration { return &c.Definition.Horizon }, wholeDays(1, 730),
		"how far ahead churn is predicted"),
	field("definition.lookback", "", func(c *Config) *Duration { return &c.Definition.Lookback }, wholeDays(1, 3650),
		"who has ordered this recently is scored"),

	field("drift.cycle", "cycle", func(c *Config) *Duration { return &c.Drift.Cycle }, wholeDays(7, 365),
		"one cycle of satisfaction and orders"),
	field("drift.false_alarms_per_1000", "", func(c *Config) *float64 { return &c.Drift.FalseAlarmsPer1000 }, between(1.0, 500),
		"customers wrongly alarmed, per 1,000 and cycle"),

	field("training.calendar_step", "", func(c *Config) *Duration { return &c.Training.CalendarStep }, wholeDays(1, 365),
		"between two cutoffs"),
	field("training.min_history", "", func(c *Config) *Duration { return &c.Training.MinHistory }, wholeDays(0, 3650),
		"that a cutoff needs before it"),
	field("training.max_cutoffs", "", func(c *Config) *int { return &c.Training.MaxCutoffs }, between(1, 240),
		"the latest ones are used"),
	field("training.max_rows", "", func(c *Config) *int { return &c.Training.MaxRows }, between(1000, 100_000_000),
		"of the training panel; customers are sampled beyond it"),
	field("training.seed", "", func(c *Config) *uint64 { return &c.Training.Seed }, anything[uint64](),
		"the same data, version and seed give the same bytes"),
	field("training.interval_level", "", func(c *Config) *float64 { return &c.Training.IntervalLevel }, shareAbove(0.5),
		"of the interval around each churn probability"),

	field("satisfaction.half_life", "", func(c *Config) *Duration { return &c.Satisfaction.HalfLife }, between(Days(1), Days(3650)),
		"after which an answer weighs half, where the answers do not tell"),
	field("satisfaction.half_life_basis", "", func(c *Config) *string { return &c.Satisfaction.HalfLifeBasis }, oneOf("measured", "configured"),
		"measured by how well answers foretell the next ones, where they tell; or always as configured"),
	field("satisfaction.cohort", "", func(c *Config) *string { return &c.Satisfaction.Cohort }, oneOf("none", "channel", "region", "industry", "language"),
		"whose mean the index of customers with few answers is drawn to"),

	field("themes.lexicons", "", func(c *Config) *[]string { return &c.Themes.Lexicons }, files(),
		"CSV files of terms beside the English and Portuguese ones, one a language; the format is that of model/theme"),
	field("painpoints.files", "", func(c *Config) *[]string { return &c.PainPoints.Files }, files(),
		"YAML files that define them, relative to the working directory; churnwatch painpoints check FILE tries one"),

	field("retention.playbooks", "", func(c *Config) *[]string { return &c.Retention.Playbooks }, files(),
		"YAML files that override the program's playbooks by name or add to them; churnwatch playbooks check FILE tries one"),
	field("retention.quiet_hours", "", func(c *Config) *string { return &c.Retention.QuietHours }, readable("hours such as 21:00-08:00, or nothing", guard.ReadHours),
		"without messages, in the customer's time zone"),
	field("retention.business_hours", "", func(c *Config) *string { return &c.Retention.BusinessHours }, businessHours(),
		"in which service levels run, such as mon-fri 09:00-17:00; nothing is always"),
	field("retention.holidays", "", func(c *Config) *[]string { return &c.Retention.Holidays }, holidays(),
		"days on which no service level runs"),
	field("retention.caps", "", func(c *Config) *[]string { return &c.Retention.Caps }, readable("caps such as 3 in 7d, or phone 1 in 7d", guard.ReadCaps),
		"messages to one customer in rolling days, of all channels or of one"),
	field("retention.capacity", "", func(c *Config) *[]string { return &c.Retention.Capacity }, readable("numbers a day such as 200, or phone 20", guard.ReadCapacity),
		"triggers opened a day, of all channels or of one, the largest expected net first; none is no bound"),
	field("retention.survey_every", "", func(c *Config) *Duration { return &c.Retention.SurveyEvery }, between(Days(1), Days(730)),
		"least time between two surveys of a customer, of every kind"),
	field("retention.ask_every", "", func(c *Config) *Duration { return &c.Retention.AskEvery }, between(Days(0), Days(365)),
		"least time between two asks of a customer"),
	field("retention.holdout", "", func(c *Config) *float64 { return &c.Retention.Holdout }, between(0.0, 0.5),
		"share of customers who get nothing, so that the effect can be measured"),
	field("retention.least_effect", "", func(c *Config) *float64 { return &c.Retention.LeastEffect }, between(0.001, 0.5),
		"least difference worth proving, by which experiments say how many customers they need: of shares, 0.05 is 5 points; of revenue, a share of its mean"),
	field("retention.consent_unknown", "", func(c *Config) *string { return &c.Retention.ConsentUnknown }, oneOf("refuse", "allow"),
		"what becomes of messages to customers of whom no consent is known"),
	field("retention.count_transactional", "", func(c *Config) *string { return &c.Retention.CountTransactional }, oneOf("no", "yes"),
		"whether transactional messages count towards the caps"),
	field("retention.first_look", "", func(c *Config) *Duration { return &c.Retention.FirstLook }, between(Duration(time.Hour), Days(90)),
		"how far back the first run looks for what sets playbooks off"),
	field("retention.run_every", "", func(c *Config) *Duration { return &c.Retention.RunEvery }, orNever(between(Duration(time.Second), Days(7))),
		"between two runs of the playbooks by serve, which also runs them after each import and scoring; 0 is never"),

	field("economics.effect", "", func(c *Config) *float64 { return &c.Economics.Effect }, shareAbove(0),
		"share of those who would churn that a contact keeps; assumed until it is measured"),
	field("economics.effect_low", "", func(c *Config) *float64 { return &c.Economics.EffectLow }, between(-1.0, 1.0),
		"low end of the assumed effect"),
	field("economics.effect_high", "", func(c *Config) *float64 { return &c.Economics.EffectHigh }, between(-1.0, 1.0),
		"high end of the assumed effect"),
	field("economics.effect_source", "", func(c *Config) *string { return &c.Economics.EffectSource }, present(),
		"where the assumed effect comes from; every figure that rests on it says so"),
	field("economics.cost", "", func(c *Config) *[]string { return &c.Economics.Cost }, readable("costs of one contact such as phone 8, and any 1.5 for every other channel", guard.ReadCosts),
		"of one contact, for every channel and for single ones"),
	field("economics.margin", "", func(c *Config) *float64 { return &c.Economics.Margin }, between(0.001, 1.0),
		"share of what a customer spends that is left to the business"),
	field("economics.least_return", "", func(c *Config) *float64 { return &c.Economics.LeastReturn }, between(0.0, 1000),
		"times its cost that a contact must be expected to bring, for playbooks that ask whether a customer is worth_contacting"),
	field("economics.capacity", "", func(c *Config) *int { return &c.Economics.Capacity }, between(0, 100_000_000),
		"most contacts at one time, for churnwatch thresholds; 0 is no bound"),

	field("surveys.moments", "", func(c *Config) *[]string { return &c.Surveys.Moments }, readable("moments such as post_purchase csat 5% after 2d, each once", survey.ReadRates),
		"that are asked, with the question (nps, csat or ces), the share of those who come to it, and when"),
	field("surveys.random_share", "", func(c *Config) *float64 { return &c.Surveys.RandomShare }, between(0.1, 1.0),
		"of those asked that is drawn at random, the quarter's all; the others by what their answer is worth to a decision"),
	field("surveys.capacity", "", func(c *Config) *int { return &c.Surveys.Capacity }, between(0, 1_000_000),
		"surveys of a day at the most"),
	field("surveys.quota", "", func(c *Config) *int { return &c.Surveys.Quota }, between(0, 100_000),
		"answers in 90 days below which a segment's customers are asked more often; 0 is none"),
	field("surveys.segments", "", func(c *Config) *[]string { return &c.Surveys.Segments }, someOf(model.SurveySegments()),
		"that surveys are spread over"),
	field("surveys.channel", "", func(c *Config) *string { return &c.Surveys.Channel }, present(),
		"that they are sent by"),
	field("surveys.seed", "", func(c *Config) *uint64 { return &c.Surveys.Seed }, anything[uint64](),
		"of the sample; another one also moves each customer's day in the quarter"),

	field("bands.medium", "", func(c *Config) *float64 { return &c.Bands.Medium }, shareAbove(0),
		"from here on a customer is at medium risk"),
	field("bands.high", "", func(c *Config) *float64 { return &c.Bands.High }, shareAbove(0),
		"from here on at high risk"),

	field("freshness.max_age", "", func(c *Config) *Duration { return &c.Freshness.MaxAge }, between(Duration(time.Hour), Days(365)),
		"of the newest order, else serve scores as of the data's end and says so"),

	field("quality.stale_warn", "", func(c *Config) *float64 { return &c.Quality.StaleWarn }, between(1.0, 1000),
		"warn when so many usual gaps have passed without a fact of a kind"),
	field("quality.stale_refuse", "", func(c *Config) *float64 { return &c.Quality.StaleRefuse }, between(1.0, 1000),
		"refuse when so many have, what rests on that kind"),
	field("quality.labels_at_risk", "", func(c *Config) *float64 { return &c.Quality.LabelsAtRisk }, shareAbove(0),
		"refuse when missing orders may turn this share of labels wrong"),
	field("quality.volume_z", "", func(c *Config) *float64 { return &c.Quality.VolumeZ }, between(2.0, 100),
		"warn when the volume moves by so many standard deviations"),
	field("quality.broken_warn", "", func(c *Config) *float64 { return &c.Quality.BrokenWarn }, shareAbove(0),
		"share of references that lead nowhere"),
	field("quality.broken_refuse", "", func(c *Config) *float64 { return &c.Quality.BrokenRefuse }, shareAbove(0),
		"share that is refused"),
	field("quality.repeated_warn", "", func(c *Config) *float64 { return &c.Quality.RepeatedWarn }, shareAbove(0),
		"share of rows that repeat another under a different id"),
	field("quality.repeated_refuse", "", func(c *Config) *float64 { return &c.Quality.RepeatedRefuse }, shareAbove(0),
		"share that is refused"),
	field("quality.quarantine_warn", "", func(c *Config) *float64 { return &c.Quality.QuarantineWarn }, shareAbove(0),
		"share of rows that were refused at the import"),
	field("quality.quarantine_refuse", "", func(c *Config) *float64 { return &c.Quality.QuarantineRefuse }, shareAbove(0),
		"share that is refused"),
	field("quality.linked_warn", "", func(c *Config) *float64 { return &c.Quality.LinkedWarn }, shareAbove(0),
		"least share of facts about customers with an order or contract"),
	field("quality.linked_refuse", "", func(c *Config) *float64 { return &c.Quality.LinkedRefuse }, shareAbove(0),
		"least share that is not refused"),
	field("quality.odd_warn", "", func(c *Config) *float64 { return &c.Quality.OddWarn }, shareAbove(0),
		"share of impossible dates and far-off amounts"),
	field("quality.odd_refuse", "", func(c *Config) *float64 { return &c.Quality.OddRefuse }, shareAbove(0),
		"share that is refused"),
	field("quality.piled_warn", "", func(c *Config) *float64 { return &c.Quality.PiledWarn }, shareAbove(0),
		"share of answers of a kind with one and the same score"),
	field("quality.piled_refuse", "", func(c *Config) *float64 { return &c.Quality.PiledRefuse }, shareAbove(0),
		"share that is refused"),
	field("quality.leak_warn", "", func(c *Config) *float64 { return &c.Quality.LeakWarn }, shareAbove(0.5),
		"ROC-AUC that one feature alone may reach"),
	field("quality.leak_refuse", "", func(c *Config) *float64 { return &c.Quality.LeakRefuse }, shareAbove(0.5),
		"ROC-AUC that is refused"),
	field("quality.drift_warn", "", func(c *Config) *float64 { return &c.Quality.DriftWarn }, between(0.01, 10),
		"population stability index that a feature may reach"),

	field("cohorts.dimensions", "", func(c *Config) *[]string { return &c.Cohorts.Dimensions }, dimensions(),
		"columns of customers, category (that a customer bought most of in the year before) and tenure"),
	field("cohorts.max_per_dimension", "", func(c *Config) *int { return &c.Cohorts.MaxPerDimension }, between(1, 1000),
		"largest cohorts by customers; the rest is one cohort, other"),
	field("cohorts.minimum_cell", "", func(c *Config) *int { return &c.Cohorts.MinimumCell }, between(1, 10_000),
		"customers that a cohort needs to be shown"),
	field("cohorts.minimum_answers", "", func(c *Config) *int { return &c.Cohorts.MinimumAnswers }, between(2, 10_000),
		"customers with an answer that a cohort's NPS needs; below it is null, with the reason"),
	field("cohorts.retention_months", "", func(c *Config) *int { return &c.Cohorts.RetentionMonths }, between(1, 60),
		"months in which customers came, and months after, of the retention triangle in /metrics"),

	field("boards.actions", "", func(c *Config) *string { return &c.Boards.Actions }, anything[string](),
		"CSV file of what is recommended in cells of the matrix of answers by orders, with the columns group, trend, name, label and text; its rows take the place of the program's"),

	field("targets.detractor_response", "", func(c *Config) *float64 { return &c.Targets.DetractorResponse }, shareAbove(0),
		"share of detractors who reply to outreach"),
	field("targets.detractor_retention", "", func(c *Config) *float64 { return &c.Targets.DetractorRetention }, shareAbove(0),
		"share of detractors who stay"),
	field("targets.promoter_review", "", func(c *Config) *float64 { return &c.Targets.PromoterReview }, shareAbove(0),
		"share of promoters who post a review"),
	field("targets.promoter_referral", "", func(c *Config) *float64 { return &c.Targets.PromoterReferral }, shareAbove(0),
		"share of promoters who make a referral"),
	field("targets.passive_to_promoter", "", func(c *Config) *float64 { return &c.Targets.PassiveToPromoter }, shareAbove(0),
		"share of passives who answer again as promoters"),
	field("targets.resurvey_change", "", func(c *Config) *float64 { return &c.Targets.ResurveyChange }, between(-10.0, 10),
		"points by which detractors who were contacted answer higher, on average"),
	field("targets.reply_window", "", func(c *Config) *Duration { return &c.Targets.ReplyWindow }, wholeDays(1, 365),
		"how long a reply may take"),
	field("targets.ask_window", "", func(c *Config) *Duration { return &c.Targets.AskWindow }, wholeDays(1, 365),
		"how long a review or a referral may take"),
	field("targets.outcome_window", "", func(c *Config) *Duration { return &c.Targets.OutcomeWindow }, wholeDays(1, 730),
		"how long detractors are to stay"),
	field("targets.again_from", "", func(c *Config) *Duration { return &c.Targets.AgainFrom }, wholeDays(1, 730),
		"how long after an answer of a passive another one counts"),
	field("targets.again_until", "", func(c *Config) *Duration { return &c.Targets.AgainUntil }, wholeDays(1, 730),
		"until how long after it; allow retention.survey_every and the time that people take to answer"),
	field("targets.period", "", func(c *Config) *Duration { return &c.Targets.Period }, wholeDays(1, 3650),
		"before the instant, in which the windows closed of those who are counted"),

	field("server.http", "http", func(c *Config) *string { return &c.Server.HTTP }, address(),
		"REST, metrics, health and docs; port 0 is any free one; off 127.0.0.1 it needs an API key"),
	field("server.grpc", "grpc", func(c *Config) *string { return &c.Server.GRPC }, address(),
		"gRPC; port 0 is any free one; off 127.0.0.1 it needs an API key"),
	field("server.admin_address", "", func(c *Config) *string { return &c.Server.AdminAddress }, orNothing(address()),
		"profiles of the program (/debug/pprof/), its metrics and health, such as 127.0.0.1:6060; nothing is off; off 127.0.0.1 it needs an API key, and once there is one, its scope admin"),
	field("server.tls_certificate", "", func(c *Config) *string { return &c.Server.TLSCertificate }, anything[string](),
		"PEM file of the certificate of both listeners, with its chain; it is read again when it changes; nothing is no encryption"),
	field("server.tls_key", "", func(c *Config) *string { return &c.Server.TLSKey }, anything[string](),
		"PEM file of the certificate's key"),
	field("server.tls_client_ca", "", func(c *Config) *string { return &c.Server.TLSClientCA }, anything[string](),
		"PEM file of the authorities of clients' certificates; with it every client needs one, beside its API key"),
	field("server.keys", "", func(c *Config) *[]string { return &c.Server.Keys }, readable("keys such as prometheus metrics:read /etc/churnwatch/keys/prometheus: a name, scopes joined by +, and a file; each file once", access.ReadGrants),
		"API keys that hold before the listeners open; a file that is not there is written with a new key, for its owner and group"),
	field("server.rate_per_key", "", func(c *Config) *int { return &c.Server.RatePerKey }, between(0, 1_000_000),
		"requests a second that each API key may make; 0 is any number"),
	field("server.shutdown_timeout", "", func(c *Config) *Duration { return &c.Server.ShutdownTimeout }, between(Duration(time.Second), Duration(10*time.Minute)),
		"for requests under way at the stop"),
	field("server.drain", "", func(c *Config) *Duration { return &c.Server.Drain }, between(0, Duration(10*time.Minute)),
		"for which requests are still answered after the stop was asked for, while /readyz says 503, so that a balancer sends no more"),
	field("server.rescore_every", "", func(c *Config) *Duration { return &c.Server.RescoreEvery }, orNever(between(Duration(time.Minute), Days(31))),
		"between two scorings of everybody; 0 is never"),
	field("server.rescore_touched", "", func(c *Config) *Duration { return &c.Server.RescoreTouched }, orNever(between(Duration(time.Second), Days(1))),
		"at least between two scorings of those about whom facts came in; 0 is never"),
	field("server.retrain_every", "", func(c *Config) *Duration { return &c.Server.RetrainEvery }, orNever(between(Duration(time.Hour), Days(365))),
		"between two trainings on newer data; the new model becomes active unless it did worse; 0 is never"),

	field("webhooks.allow_networks", "", func(c *Config) *[]string { return &c.Webhooks.AllowNetworks }, networks(),
		"private networks whose receivers may be called, also by http; all others must be public and have a certificate"),
	field("webhooks.timeout", "", func(c *Config) *Duration { return &c.Webhooks.Timeout }, between(Duration(time.Second), Duration(time.Minute)),
		"for the answer of a receiver"),
	field("webhooks.retry_for", "", func(c *Config) *Duration { return &c.Webhooks.RetryFor }, between(Duration(time.Minute), Days(30)),
		"for how long an event that was not taken is tried again"),
	field("webhooks.disable_after", "", func(c *Config) *Duration { return &c.Webhooks.DisableAfter }, between(Duration(time.Minute), Days(90)),
		"a receiver that took nothing for this long is sent nothing more until it is enabled again"),
	field("webhooks.keep", "", func(c *Config) *Duration { return &c.Webhooks.Keep }, wholeDays(1, 365),
		"how long events that were not taken are kept, to be replayed"),

	field("telemetry.endpoint", "", func(c *Config) *string { return &c.Telemetry.Endpoint }, readable("an address such as http://127.0.0.1:4318, or nothing", collector),
		"that takes OTLP by HTTP; nothing is off; headers come from OTEL_EXPORTER_OTLP_HEADERS"),
	field("telemetry.share", "", func(c *Config) *float64 { return &c.Telemetry.Share }, between(0.0, 1.0),
		"of the requests that are traced where the caller has not decided"),

	field("log.level", "log-level", func(c *Config) *string { return &c.Log.Level }, oneOf("debug", "info", "warn", "error"),
		"debug, info, warn or error"),
	field("log.format", "", func(c *Config) *string { return &c.Log.Format }, oneOf("text", "json"),
		"text or json"),
}

// relation is a rule between two settings. It says what is allowed for the
// setting at path, or "".
type relation struct {
	path  string
	check func(Config) (allowed string)
}

var relations = []relation{
	{"economics.effect_low", func(c Config) string {
		if c.Economics.EffectLow <= c.Economics.Effect {
			return ""
		}
		return "at most economics.effect, which is " + render(c.Economics.Effect)
	}},
	{"economics.effect_high", func(c Config) string {
		return atLeast(c.Economics.EffectHigh, "economics.effect", c.Economics.Effect)
	}},
	{"targets.again_until", func(c Config) string {
		if c.Targets.AgainUntil > c.Targets.AgainFrom {
			return ""
		}
		return "more than targets.again_from, which is " + render(c.Targets.AgainFrom)
	}},
	{"bands.high", func(c Config) string {
		if c.Bands.High > c.Bands.Medium {
			return ""
		}
		return "more than bands.medium, which is " + render(c.Bands.Medium)
	}},
	{"quality.stale_refuse", func(c Config) string {
		return atLeast(c.Quality.StaleRefuse, "quality.stale_warn", c.Quality.StaleWarn)
	}},
	{"quality.broken_refuse", func(c Config) string {
		return atLeast(c.Quality.BrokenRefuse, "quality.broken_warn", c.Quality.BrokenWarn)
	}},
	{"quality.repeated_refuse", func(c Config) string {
		return atLeast(c.Quality.RepeatedRefuse, "quality.repeated_warn", c.Quality.RepeatedWarn)
	}},
	{"quality.quarantine_refuse", func(c Config) string {
		return atLeast(c.Quality.QuarantineRefuse, "quality.quarantine_warn", c.Quality.QuarantineWarn)
	}},
	{"quality.odd_refuse", func(c Config) string { return atLeast(c.Quality.OddRefuse, "quality.odd_warn", c.Quality.OddWarn) }},
	{"quality.piled_refuse", func(c Config) string {
		return atLeast(c.Quality.PiledRefuse, "quality.piled_warn", c.Quality.PiledWarn)
	}},
	{"quality.leak_refuse", func(c Config) string { return atLeast(c.Quality.LeakRefuse, "quality.leak_warn", c.Quality.LeakWarn) }},
	{"quality.linked_warn", func(c Config) string {
		return atLeast(c.Quality.LinkedWarn, "quality.linked_refuse", c.Quality.LinkedRefuse)
	}},
	{"server.tls_certificate", func(c Config) string {
		if (c.Server.TLSCertificate == "") == (c.Server.TLSKey == "") {
			return ""
		}
		return "a file where server.tls_key is one, and nothing where it is none"
	}},
	{"server.tls_client_ca", func(c Config) string {
		if c.Server.TLSClientCA == "" || c.Server.TLSCertificate != "" {
			return ""
		}
		return "nothing without server.tls_certificate"
	}},
	{"webhooks.keep", func(c Config) string {
		if c.Webhooks.Keep >= c.Webhooks.RetryFor {
			return ""
		}
		return "at least webhooks.retry_for, which is " + render(c.Webhooks.RetryFor)
	}},
	{"server.admin_address", func(c Config) string {
		if a := c.Server.AdminAddress; a == "" || anyPort(a) || a != c.Server.HTTP && a != c.Server.GRPC {
			return ""
		}
		return "another address than those of server.http and server.grpc"
	}},
	{"server.grpc", func(c Config) string {
		if c.Server.GRPC != c.Server.HTTP || anyPort(c.Server.GRPC) {
			return ""
		}
		return "another address than server.http, which is " + c.Server.HTTP
	}},
}

// atLeast says that a limit may not stand below a milder one.
func atLeast(v float64, name string, mild float64) string {
	if v >= mild {
		return ""
	}
	return "at least " + name + ", which is " + render(mild)
}

// settingAt finds the setting at path.
func settingAt(path string) (setting, bool) {
	for _, s := range settings {
		if s.path == path {
			return s, true
		}
	}
	return setting{}, false
}

// isSection tells whether settings stand below path.
func isSection(path string) bool {
	for _, s := range sections {
		if s.name == path && path != "" {
			return true
		}
	}
	return false
}
