package access_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/churnwatch/churnwatch/api/access"
	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/model"
)

// calls are the full names of every call of the API, from the protos.
func calls() (names []string) {
	protoregistry.GlobalFiles.RangeFilesByPackage("churnwatch.v1", func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			for j := range service.Methods().Len() {
				names = append(names, fmt.Sprintf("/%s/%s", service.FullName(), service.Methods().Get(j).Name()))
			}
		}
		return true
	})
	slices.Sort(names)
	return names
}

func TestEveryCallSaysWhatItNeeds(t *testing.T) {
	found := calls()
	if len(found) < 16 {
		t.Fatalf("the protos have %d calls: %v", len(found), found)
	}
	for _, name := range found {
		m, free, known := access.MethodOf(name)
		if !known || free || !slices.Contains(model.Scopes(), m.Needs) {
			t.Errorf("%s: %+v, free %v, known %v: give it its scope in api/access/method.go", name, m, free, known)
		}
		if m.Or != "" && (!slices.Contains(model.Scopes(), m.Or) || m.Or == m.Needs || !strings.HasSuffix(name, "Operation")) {
			t.Errorf("%s: %+v: another scope lets in to operations alone", name, m)
		}
		if m.Promises && !m.Writes {
			t.Errorf("%s: %+v: what promises a write is one", name, m)
		}
		// Who says where news of customers go runs the service.
		if m.Needs == model.ScopeAdmin && !strings.HasPrefix(name, "/churnwatch.v1.WebhookService/") {
			t.Errorf("%s needs admin, which is there to hold all others", name)
		}
	}
	for _, name := range access.Methods() {
		if !slices.Contains(found, name) {
			t.Errorf("%s is in the table, but in no proto", name)
		}
	}
	if _, _, known := access.MethodOf("/churnwatch.v1.ScoreService/None"); known {
		t.Error("a call that is not there is known")
	}
}

func TestTheLogSaysWhatACallIsAbout(t *testing.T) {
	for _, tt := range []struct {
		request            any
		customer, resource string
	}{
		{&churnwatchv1.GetScoreRequest{CustomerId: "c"}, "c", ""},
		{&churnwatchv1.AckTriggerRequest{TriggerId: "t"}, "", "t"},
		{&churnwatchv1.ImportRequest{Kind: "orders"}, "", "orders"},
		{&churnwatchv1.ListScoresRequest{}, "", ""},
		{&churnwatchv1.ActivateModelRequest{Version: 3}, "", "3"},
		{&churnwatchv1.ActivateModelRequest{}, "", ""},
		{&churnwatchv1.EraseCustomerRequest{CustomerId: "c"}, "c", ""},
		{nil, "", ""},
	} {
		if customer, resource := access.SubjectOf(tt.request); customer != tt.customer || resource != tt.resource {
			t.Errorf("%T: %q, %q", tt.request, customer, resource)
		}
	}
}
