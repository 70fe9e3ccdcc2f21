package exposition

import (
	"context"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/churnwatch/churnwatch/model"
)

// outOfTime is the split by which models are tested: trained on labels
// complete before a cutoff, tested at it; the mean over cutoffs is shown.
const outOfTime = "out_of_time"

// qualityDescs describe the active model.
type qualityDescs struct {
	auc, brier, calibration, age, info *prometheus.Desc

	slope, baseline, lead *prometheus.Desc
}

func newQualityDescs() qualityDescs {
	return qualityDescs{
		auc: desc("model_auc", "Area under the ROC curve of the active model, tested on later data than it was trained on: "+
			"0.5 is guessing, 1 is perfect. Mean over test cutoffs.", "model", "split"),
		brier:       desc("model_brier", "Brier score of the active model: mean squared distance of probability and outcome, 0 is perfect.", "model", "split"),
		calibration: desc("model_calibration_error", "Mean distance of predicted and observed churn rate in 10 bins of equal size, 0 is perfect.", "model", "split"),
		age:         desc("model_age_seconds", "Time since the active model was trained.", "model"),
		info: desc("model_info", "Always 1; the labels tell the active model's churn definition, horizon, verdict and the version that made it.",
			"model", "definition", "horizon_days", "verdict", "version"),
		slope: desc("model_calibration_slope", "Slope of what happened on what was said, in log-odds: 1 is right, below 1 the probabilities are too extreme.", "model", "split"),
		baseline: desc("model_baseline_auc", "Area under the ROC curve of a naive ranking at the same test cutoffs: by time since the last order (recency), with the number of orders "+
			"(recency_frequency), by the buying rhythm (btyd), or none at all (majority).", "model", "split", "baseline"),
		lead: desc("model_lead_time_seconds", "Median time from the first alarm of drift to churn, of those who churned and were warned of: how early the model's drift warned.", "model"),
	}
}

func (d qualityDescs) all() []*prometheus.Desc {
	return []*prometheus.Desc{d.auc, d.brier, d.calibration, d.age, d.info, d.slope, d.baseline, d.lead}
}

// showPredictor shows the active model. Without a test there are no figures of
// quality.
func (c *Collector) showPredictor(ctx context.Context, f *figures) error {
	p, err := c.source.Predictor(ctx)
	if err != nil {
		return err
	}
	number := strconv.Itoa(p.Model.Version)
	f.age(c.quality.age, p.Model.CreatedAt, number)
	f.gauge(c.quality.info, 1, number, string(p.Model.Definition.Kind), strconv.Itoa(p.Model.Definition.HorizonDays()),
		string(p.Model.Verdict), p.Model.CodeVersion)
	if days := p.Evaluation.LeadTime.MedianDays; days != nil {
		f.gauge(c.quality.lead, *days*model.Day.Seconds(), number)
	}
	if len(p.Evaluation.Cutoffs) == 0 {
		return nil
	}
	mean := p.Evaluation.Mean
	f.gauge(c.quality.auc, mean.ROCAUC, number, outOfTime)
	f.gauge(c.quality.brier, mean.Brier, number, outOfTime)
	f.gauge(c.quality.calibration, mean.Calibration.Error, number, outOfTime)
	f.optional(c.quality.slope, mean.Calibration.Slope, number, outOfTime)
	for _, b := range p.Evaluation.Baselines {
		f.gauge(c.quality.baseline, b.Mean.ROCAUC, number, outOfTime, b.Name)
	}
	return nil
}
