package api

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/model"
)

// Models are the stored ones.
type Models interface {
	// Models returns them, newest first.
	Models(ctx context.Context) ([]model.StoredModel, error)
	// Tested returns one with the report of its test out of time; 0 is the active
	// one. KindNotFound for an unknown number.
	Tested(ctx context.Context, version int) (model.StoredModel, model.Evaluation, error)
	// Activate makes one the active one, KindNotFound for an unknown number.
	Activate(ctx context.Context, version int) error
}

// Operations are jobs that outlast their request, one of each kind at a time.
type Operations interface {
	// Import accepts a batch, which is on the disk then, and begins to load it;
	// KindConflict while another one is loaded. replayed says that the operation is
	// that of the same request, sent before under its key.
	Import(ctx context.Context, b model.Batch) (begun model.Job, replayed bool, err error)
	// Train begins a training, KindConflict while another one runs.
	Train(ctx context.Context, q TrainQuestion) (model.Job, error)
	// Score begins a scoring of everybody, KindConflict while another one runs; a
	// zero asOf is the clock or the watermark, as scheduled scorings choose.
	Score(ctx context.Context, asOf time.Time) (model.Job, error)
	// Schedules returns what runs by itself, by kind.
	Schedules() []model.Schedule
	// Operation returns one, KindNotFound for an unknown id.
	Operation(ctx context.Context, id string) (model.Job, error)
	// Operations returns the newest ones, newest first.
	Operations(ctx context.Context, most int) ([]model.Job, error)
	// Cancel ends one, KindConflict where it is over.
	Cancel(ctx context.Context, id string) (model.Job, error)
}

// TrainQuestion says what to train.
type TrainQuestion struct {
	AsOf            time.Time
	Activate, Force bool
}

// modelService implements churnwatch.v1.ModelService.
type modelService struct {
	churnwatchv1.UnimplementedModelServiceServer

	models     Models
	operations Operations
}

// ListModels returns the stored models.
func (s *modelService) ListModels(ctx context.Context, _ *churnwatchv1.ListModelsRequest) (*churnwatchv1.ListModelsResponse, error) {
	found, err := s.models.Models(ctx)
	if err != nil {
		return nil, err
	}
	out := &churnwatchv1.ListModelsResponse{}
	for i := range found {
		out.Models = append(out.Models, modelOut(&found[i]))
	}
	return out, nil
}

// GetModel returns a model with the report of its test.
func (s *modelService) GetModel(ctx context.Context, r *churnwatchv1.GetModelRequest) (*churnwatchv1.Model, error) {
	if r.GetVersion() < 0 {
		return nil, model.Errorf(model.KindInvalid, "version %d: want the number of a model, or 0 for the active one", r.GetVersion())
	}
	stored, evaluation, err := s.models.Tested(ctx, int(r.GetVersion()))
	if err != nil {
		return nil, err
	}
	out := modelOut(&stored)
	text, err := json.Marshal(evaluation)
	if err == nil {
		out.Evaluation = &structpb.Struct{}
		err = out.GetEvaluation().UnmarshalJSON(text)
	}
	if err != nil {
		return nil, fmt.Errorf("report of model %d: %w", stored.Version, err)
	}
	return out, nil
}

// ActivateModel makes a model the active one.
func (s *modelService) ActivateModel(ctx context.Context, r *churnwatchv1.ActivateModelRequest) (*churnwatchv1.Model, error) {
	version := int(r.GetVersion())
	if version < 1 {
		return nil, model.Errorf(model.KindInvalid, "version %d: want the number of a model", version)
	}
	if err := s.models.Activate(ctx, version); err != nil {
		return nil, err
	}
	found, err := s.models.Models(ctx)
	if err != nil {
		return nil, err
	}
	for i := range found {
		if found[i].Version == version {
			return modelOut(&found[i]), nil
		}
	}
	return nil, model.Errorf(model.KindNotFound, "model %d: there is no such model", version)
}

// TrainModel begins a training.
func (s *modelService) TrainModel(ctx context.Context, r *churnwatchv1.TrainModelRequest) (*churnwatchv1.Operation, error) {
	asOf, err := instantIn(r.GetAsOf())
	if err != nil {
		return nil, err
	}
	activate := r.Activate == nil || r.GetActivate()
	return operationOrError(s.operations.Train(ctx, TrainQuestion{AsOf: asOf, Activate: activate, Force: r.GetForce()}))
}

// RunScoring begins a scoring of everybody.
func (s *modelService) RunScoring(ctx context.Context, r *churnwatchv1.RunScoringRequest) (*churnwatchv1.Operation, error) {
	asOf, err := instantIn(r.GetAsOf())
	if err != nil {
		return nil, err
	}
	return operationOrError(s.operations.Score(ctx, asOf))
}

// GetOperation returns a job.
func (s *modelService) GetOperation(ctx context.Context, r *churnwatchv1.GetOperationRequest) (*churnwatchv1.Operation, error) {
	found, err := s.operations.Operation(ctx, r.GetOperationId())
	if err != nil {
		return nil, err
	}
	if own := found.Kind == model.JobImport && callerOf(ctx).Allows(model.ScopeIngestWrite); !own {
		err = mayDo(ctx, model.ScopeInsightsRead)
	}
	return operationOrError(found, err)
}

// ListOperations returns the newest jobs.
func (s *modelService) ListOperations(ctx context.Context, r *churnwatchv1.ListOperationsRequest) (*churnwatchv1.ListOperationsResponse, error) {
	most, err := pageSize(r.GetPageSize())
	if err != nil {
		return nil, err
	}
	found, err := s.operations.Operations(ctx, most)
	if err != nil {
		return nil, err
	}
	out := &churnwatchv1.ListOperationsResponse{}
	for _, o := range found {
		converted, err := operationOut(o)
		if err != nil {
			return nil, err
		}
		out.Operations = append(out.Operations, converted)
	}
	for _, schedule := range s.operations.Schedules() {
		out.Schedules = append(out.Schedules, &churnwatchv1.Schedule{
			Kind: schedule.Kind, EverySeconds: int32(schedule.Every / time.Second), NextAt: timestamppb.New(schedule.NextAt),
		})
	}
	return out, nil
}

// CancelOperation ends a job.
func (s *modelService) CancelOperation(ctx context.Context, r *churnwatchv1.CancelOperationRequest) (*churnwatchv1.Operation, error) {
	found, err := s.operations.Operation(ctx, r.GetOperationId())
	if err != nil {
		return nil, err
	}
	needed := model.ScopeModelsWrite
	if found.Kind == model.JobImport {
		needed = model.ScopeIngestWrite
	}
	if err := mayDo(ctx, needed); err != nil {
		return nil, err
	}
	return operationOrError(s.operations.Cancel(ctx, found.ID))
}

// modelOut converts a stored model.
func modelOut(m *model.StoredModel) *churnwatchv1.Model {
	return &churnwatchv1.Model{
		Version: int32(m.Version), CreatedAt: instant(&m.CreatedAt), ActivatedAt: instant(m.ActivatedAt), Active: m.Active,
		AsOf: instant(&m.AsOf), Definition: string(m.Definition.Kind), HorizonDays: int32(m.Definition.HorizonDays()),
		LookbackDays: int32(m.Definition.Lookback / model.Day), Verdict: string(m.Verdict), RocAuc: m.ROCAUC, Brier: m.Brier,
		CodeVersion: m.CodeVersion,
	}
}

func operationOrError(o model.Job, err error) (*churnwatchv1.Operation, error) {
	if err != nil {
		return nil, err
	}
	return operationOut(o)
}

// resultOf is what came of a job, as its command, or the call that it stands for,
// tells it.
func resultOf(o model.Job) ([]byte, error) {
	if o.Kind != model.JobImport {
		return o.Result, nil
	}
	var report model.ImportReport
	if err := json.Unmarshal(o.Result, &report); err != nil {
		return nil, err
	}
	return newBodies(formatJSON).Marshal(reportOut(report))
}

// operationOut converts a job.
func operationOut(o model.Job) (*churnwatchv1.Operation, error) {
	out := &churnwatchv1.Operation{
		OperationId: o.ID, Kind: o.Kind, Status: string(o.Status), Steps: o.Steps, StartedAt: instant(&o.StartedAt), EndedAt: instant(o.EndedAt),
		Code: text(o.Code), Error: o.Error,
	}
	if o.RowsRead != nil {
		out.RowsRead = new(int32(*o.RowsRead))
	}
	if o.Result != nil {
		result, err := resultOf(o)
		if err == nil {
			out.Result = &structpb.Struct{}
			err = out.GetResult().UnmarshalJSON(result)
		}
		if err != nil {
			return nil, fmt.Errorf("result of operation %s: %w", o.ID, err)
		}
	}
	return out, nil
}
