package api

import (
	"github.com/fullstorydev/grpchan/inprocgrpc"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
)

// textField is a field of no message: in it the gateway is handed the JSON of an
// answer that is kept, in place of a copy of all its fields.
const textField protowire.Number = 1<<29 - 1

// handover gives answers of the services to the gateway.
type handover struct {
	inprocgrpc.ProtoCloner

	kept *keptScores
}

// Copy hands over the JSON of what is kept, and a copy of everything else.
func (h handover) Copy(out, in any) error {
	from, ok := in.(*churnwatchv1.Score)
	into, same := out.(*churnwatchv1.Score)
	if ok && same {
		if text := h.kept.textOf(from); text != nil {
			proto.Reset(into)
			field := protowire.AppendTag(make([]byte, 0, len(text)+16), textField, protowire.BytesType)
			into.ProtoReflect().SetUnknown(protowire.AppendBytes(field, text))
			return nil
		}
	}
	return h.ProtoCloner.Copy(out, in)
}

// handedText is the JSON that was handed over, nil for none.
func handedText(v any) []byte {
	m, ok := v.(*churnwatchv1.Score)
	if !ok {
		return nil
	}
	unknown := m.ProtoReflect().GetUnknown()
	number, kind, n := protowire.ConsumeTag(unknown)
	if n < 0 || number != textField || kind != protowire.BytesType {
		return nil
	}
	text, _ := protowire.ConsumeBytes(unknown[n:])
	return text
}
