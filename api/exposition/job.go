package exposition

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// jobs are the kinds of work whose duration is shown.
var jobs = []string{"backup", "evaluate", "import", "rescore", "score", "train", "triggers"}

// IsJob reports whether the duration of that work is shown.
func IsJob(name string) bool { return slices.Contains(jobs, name) }

// Jobs counts long work: who ran it and how long it took.
type Jobs struct {
	duration *prometheus.HistogramVec
	next     *prometheus.GaugeVec
}

// NewJobs registers the metric. Its label is no job, which is what Prometheus
// calls the group of servers that it scrapes.
func NewJobs(registry prometheus.Registerer) (*Jobs, error) {
	j := &Jobs{duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Namespace: namespace, Name: "job_duration_seconds",
		Help:    "Time that an import, a training, an evaluation, a scoring of everybody (score) or of some (rescore), a run of the playbooks or a backup took, by how it ended: ok or failed.",
		Buckets: []float64{0.1, 0.5, 2, 10, 30, 120, 600, 3600},
		// Whoever asks in protobuf gets finer ones too.
		NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 100, NativeHistogramMinResetDuration: time.Hour,
	}, []string{"task", "status"}), next: prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Namespace: namespace, Name: "job_next_run_timestamp_seconds", Help: "When a job runs next by itself.",
	}, []string{"task"})}
	if err := errors.Join(registry.Register(j.duration), registry.Register(j.next)); err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return j, nil
}

// Next notes when a job runs next by itself.
func (j *Jobs) Next(job string, at time.Time) {
	if IsJob(job) {
		j.next.WithLabelValues(job).Set(float64(at.Unix()))
	}
}

// Observe notes the end of a job; others than the known ones are passed over.
func (j *Jobs) Observe(job string, ok bool, took time.Duration) {
	if !IsJob(job) {
		return
	}
	status := "failed"
	if ok {
		status = "ok"
	}
	j.duration.WithLabelValues(job, status).Observe(took.Seconds())
}
