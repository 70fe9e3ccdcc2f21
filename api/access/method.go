package access

import (
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/model"
)

// Method is what a call needs, and what is noted of it.
type Method struct {
	Needs model.Scope
	// Or lets in too, to what belongs to it alone: the call itself sees to that. ""
	// is none.
	Or model.Scope
	// Personal calls read what is known of people, Writes change something:
	// both are noted. A write is on the disk of the audit log before it is
	// answered.
	Personal, Writes bool
	// Promises are writes that are made after their answer: until then the promise
	// says who asked for it, and the audit log does not keep the answer waiting.
	Promises bool
}

// methods is the one table of what each call of the API needs.
var methods = map[string]Method{
	churnwatchv1.ScoreService_GetScore_FullMethodName:       {Needs: model.ScopeScoresRead, Personal: true},
	churnwatchv1.ScoreService_GetExplanation_FullMethodName: {Needs: model.ScopeScoresRead, Personal: true},
	churnwatchv1.ScoreService_GetChange_FullMethodName:      {Needs: model.ScopeScoresRead, Personal: true},
	churnwatchv1.ScoreService_ListScores_FullMethodName:     {Needs: model.ScopeScoresRead, Personal: true},
	churnwatchv1.ScoreService_GetTimeline_FullMethodName:    {Needs: model.ScopeScoresRead, Personal: true},
	churnwatchv1.ScoreService_BatchGetScores_FullMethodName: {Needs: model.ScopeScoresRead, Personal: true},
	churnwatchv1.ScoreService_StreamScores_FullMethodName:   {Needs: model.ScopeScoresRead, Personal: true},

	churnwatchv1.TriggerService_ListTriggers_FullMethodName:   {Needs: model.ScopeScoresRead, Personal: true},
	churnwatchv1.TriggerService_GetTrigger_FullMethodName:     {Needs: model.ScopeScoresRead, Personal: true},
	churnwatchv1.TriggerService_StreamTriggers_FullMethodName: {Needs: model.ScopeScoresRead, Personal: true},
	churnwatchv1.TriggerService_AckTrigger_FullMethodName:     {Needs: model.ScopeTriggersWrite, Personal: true, Writes: true},
	churnwatchv1.TriggerService_ResolveTrigger_FullMethodName: {Needs: model.ScopeTriggersWrite, Personal: true, Writes: true},
	churnwatchv1.TriggerService_RecordOutreach_FullMethodName: {Needs: model.ScopeTriggersWrite, Writes: true},

	churnwatchv1.IngestService_Import_FullMethodName:            {Needs: model.ScopeIngestWrite, Writes: true},
	churnwatchv1.IngestService_ImportStream_FullMethodName:      {Needs: model.ScopeIngestWrite, Writes: true},
	churnwatchv1.IngestService_BeginImport_FullMethodName:       {Needs: model.ScopeIngestWrite, Writes: true, Promises: true},
	churnwatchv1.IngestService_BeginImportStream_FullMethodName: {Needs: model.ScopeIngestWrite, Writes: true, Promises: true},

	churnwatchv1.CustomerService_ExportCustomer_FullMethodName: {Needs: model.ScopeCustomersErase, Personal: true},
	churnwatchv1.CustomerService_EraseCustomer_FullMethodName:  {Needs: model.ScopeCustomersErase, Personal: true, Writes: true},
	churnwatchv1.CustomerService_ListErased_FullMethodName:     {Needs: model.ScopeScoresRead},
	churnwatchv1.CustomerService_StreamErased_FullMethodName:   {Needs: model.ScopeScoresRead},
	churnwatchv1.CustomerService_MatchErased_FullMethodName:    {Needs: model.ScopeScoresRead, Personal: true},

	churnwatchv1.WebhookService_AddReceiver_FullMethodName:     {Needs: model.ScopeAdmin, Writes: true},
	churnwatchv1.WebhookService_ListReceivers_FullMethodName:   {Needs: model.ScopeAdmin},
	churnwatchv1.WebhookService_RotateReceiver_FullMethodName:  {Needs: model.ScopeAdmin, Writes: true},
	churnwatchv1.WebhookService_EnableReceiver_FullMethodName:  {Needs: model.ScopeAdmin, Writes: true},
	churnwatchv1.WebhookService_TestReceiver_FullMethodName:    {Needs: model.ScopeAdmin, Writes: true},
	churnwatchv1.WebhookService_ReplayReceiver_FullMethodName:  {Needs: model.ScopeAdmin, Writes: true},
	churnwatchv1.WebhookService_ListUndelivered_FullMethodName: {Needs: model.ScopeAdmin},
	churnwatchv1.WebhookService_RemoveReceiver_FullMethodName:  {Needs: model.ScopeAdmin, Writes: true},

	churnwatchv1.InsightService_GetOverview_FullMethodName:     {Needs: model.ScopeInsightsRead},
	churnwatchv1.InsightService_GetRetention_FullMethodName:    {Needs: model.ScopeInsightsRead},
	churnwatchv1.InsightService_ListPainPoints_FullMethodName:  {Needs: model.ScopeInsightsRead},
	churnwatchv1.InsightService_GetDrift_FullMethodName:        {Needs: model.ScopeInsightsRead, Personal: true},
	churnwatchv1.InsightService_ListCohorts_FullMethodName:     {Needs: model.ScopeInsightsRead},
	churnwatchv1.InsightService_GetSegments_FullMethodName:     {Needs: model.ScopeInsightsRead},
	churnwatchv1.InsightService_ListHotspots_FullMethodName:    {Needs: model.ScopeInsightsRead},
	churnwatchv1.InsightService_ListTouchpoints_FullMethodName: {Needs: model.ScopeInsightsRead},

	churnwatchv1.ModelService_ListModels_FullMethodName:      {Needs: model.ScopeInsightsRead},
	churnwatchv1.ModelService_GetModel_FullMethodName:        {Needs: model.ScopeInsightsRead},
	churnwatchv1.ModelService_ActivateModel_FullMethodName:   {Needs: model.ScopeModelsWrite, Writes: true},
	churnwatchv1.ModelService_TrainModel_FullMethodName:      {Needs: model.ScopeModelsWrite, Writes: true},
	churnwatchv1.ModelService_RunScoring_FullMethodName:      {Needs: model.ScopeModelsWrite, Writes: true},
	churnwatchv1.ModelService_GetOperation_FullMethodName:    {Needs: model.ScopeInsightsRead, Or: model.ScopeIngestWrite},
	churnwatchv1.ModelService_ListOperations_FullMethodName:  {Needs: model.ScopeInsightsRead},
	churnwatchv1.ModelService_CancelOperation_FullMethodName: {Needs: model.ScopeModelsWrite, Or: model.ScopeIngestWrite, Writes: true},
}

// Check refuses a key that a call does not let in.
func (m Method) Check(key model.APIKey) error {
	if m.Or != "" && key.Allows(m.Or) {
		return nil
	}
	return Check(key, m.Needs)
}

// open are the services that tell nothing about the database: anybody may call
// them.
var open = []string{"/grpc.health.v1.Health/", "/grpc.reflection.v1.ServerReflection/", "/grpc.reflection.v1alpha.ServerReflection/"}

// MethodOf returns what a call by that full name needs; free where nothing is
// needed. A call that is not known has no entry, and must be refused.
func MethodOf(fullName string) (m Method, free, known bool) {
	for _, service := range open {
		if strings.HasPrefix(fullName, service) {
			return Method{}, true, true
		}
	}
	m, known = methods[fullName]
	return m, false, known
}

// about are the fields of requests that say what a call is about, but whom.
var about = []protoreflect.Name{"trigger_id", "kind", "version", "model", "operation_id", "receiver_id"}

// SubjectOf returns the customer whom a request names, and what else it names.
func SubjectOf(request any) (customer, resource string) {
	message, ok := request.(proto.Message)
	if !ok {
		return "", ""
	}
	fields := message.ProtoReflect().Descriptor().Fields()
	value := func(name protoreflect.Name) string {
		field := fields.ByName(name)
		if field == nil || field.IsList() || field.IsMap() || field.Kind() == protoreflect.MessageKind || !message.ProtoReflect().Has(field) {
			return ""
		}
		return message.ProtoReflect().Get(field).String()
	}
	for _, name := range about {
		if resource = value(name); resource != "" {
			break
		}
	}
	return value("customer_id"), resource
}
