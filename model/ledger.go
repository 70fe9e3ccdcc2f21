package model

import (
	"context"
	"time"
)

// Ledger keeps what the program itself must remember: predictors and which
// one is active, API keys, who did what, and how far receivers of changes are.
// It always lives in DuckDB, whatever the warehouse.
type Ledger interface {
	KeyStore
	AuditStore
	WebhookStore
	// SaveModel stores a model under the next free number and returns it. The
	// model stays inactive.
	SaveModel(ctx context.Context, m StoredModel) (int, error)
	// Models returns every stored model without its file, newest first.
	Models(ctx context.Context) ([]StoredModel, error)
	// Model returns one with its file, and KindNotFound for an unknown number.
	Model(ctx context.Context, version int) (StoredModel, error)
	// ActiveModel returns the active one, and KindNoData when none is.
	ActiveModel(ctx context.Context) (StoredModel, error)
	// Activate makes a model the active one with one row.
	Activate(ctx context.Context, version int, at time.Time) error
	// DeleteModel removes an inactive one; KindConflict for the active one.
	DeleteModel(ctx context.Context, version int) error
	// Answered returns the answer that was kept under a key after an instant,
	// the newest one, and KindNotFound where there is none. Answers come in
	// with the rows that they are about: LoadSpec.Receipt.
	Answered(ctx context.Context, key string, after time.Time) (KeptAnswer, error)
	// SaveJob stores a job, in the place of what was stored of it. Imports may be
	// many: those that ended JobsKept before it began are let go of. How an import
	// ended may come in with its rows: LoadSpec.Job.
	SaveJob(ctx context.Context, j Job) error
	// Job returns one, KindNotFound for an unknown id.
	Job(ctx context.Context, id string) (Job, error)
	// Jobs returns the newest ones, newest first.
	Jobs(ctx context.Context, most int) ([]Job, error)
}

// KeptAnswer is what a request was answered, kept so that the same request,
// sent again, hears the same.
type KeptAnswer struct {
	// Key is the client's name for the request.
	Key string
	// Hash tells what was asked for.
	Hash string
	// Answer is JSON.
	Answer []byte
	At     time.Time
	// Expired is until when older answers, of any key, are removed; zero keeps
	// them.
	Expired time.Time
}

// StoredModel is a numbered model file. The file's bytes depend on data,
// code version and seed alone; what depends on when stands beside it.
type StoredModel struct {
	Version     int        `json:"version"`
	CreatedAt   time.Time  `json:"created_at"`
	ActivatedAt *time.Time `json:"activated_at"`
	Active      bool       `json:"active"`
	AsOf        time.Time  `json:"as_of"`
	Definition  Definition `json:"definition"`
	Verdict     Verdict    `json:"verdict"`
	ROCAUC      *float64   `json:"roc_auc"`
	Brier       *float64   `json:"brier"`
	CodeVersion string     `json:"code_version"`
	// File is the model as JSON.
	File []byte `json:"-"`
}
