package api

import (
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/churnwatch/churnwatch/model"
)

// ScoreJSON returns a score as /v1/scores lists it, for those that hear of it by
// another door.
func ScoreJSON(s model.Score) ([]byte, error) {
	out, err := scoreOut(s)
	if err != nil {
		return nil, err
	}
	return rowJSON().Marshal(out)
}

// TriggerJSON returns a trigger as /v1/triggers lists it.
func TriggerJSON(t *model.Trigger) ([]byte, error) { return rowJSON().Marshal(triggerOut(t)) }

// rowJSON is how a row is written: with the contract's names, absent values as
// null.
func rowJSON() protojson.MarshalOptions {
	return protojson.MarshalOptions{UseProtoNames: true, EmitUnpopulated: true}
}
