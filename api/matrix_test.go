package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/churnwatch/churnwatch/api"
	"github.com/churnwatch/churnwatch/api/access"
	"github.com/churnwatch/churnwatch/model"
)

// call is a call of the API, as the protos have it.
type call struct {
	name   string
	method protoreflect.MethodDescriptor
}

func calls() (out []call) {
	protoregistry.GlobalFiles.RangeFilesByPackage("churnwatch.v1", func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			for j := range service.Methods().Len() {
				method := service.Methods().Get(j)
				out = append(out, call{"/" + string(service.FullName()) + "/" + string(method.Name()), method})
			}
		}
		return true
	})
	return out
}

// over makes the call over a connection, with an empty request. A stream that
// goes on after the patience was let in.
func (c call) over(t *testing.T, conn *grpc.ClientConn, authorization string, patience time.Duration) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if authorization != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", authorization)
	}
	request, answer := dynamicpb.NewMessage(c.method.Input()), dynamicpb.NewMessage(c.method.Output())
	if !c.method.IsStreamingClient() && !c.method.IsStreamingServer() {
		return conn.Invoke(ctx, c.name, request, answer)
	}
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, c.name)
	if err != nil {
		return err
	}
	_ = stream.SendMsg(request) // RecvMsg says why it failed.
	_ = stream.CloseSend()
	return stream.RecvMsg(answer)
}

// refusal is the stable code of a refusal, "" where a call was let in.
func refusal(err error) string {
	s := status.Convert(err)
	if s.Code() != codes.Unauthenticated && s.Code() != codes.PermissionDenied {
		return ""
	}
	for _, detail := range s.Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return strings.ToLower(info.GetReason())
		}
	}
	return s.Code().String()
}

// allowed is what a key of one scope must hear of a call.
func allowed(c call, held model.Scope) string {
	if m, _, _ := access.MethodOf(c.name); held == m.Needs || held == m.Or || held == model.ScopeAdmin {
		return ""
	}
	return access.CodeMissingScope
}

func TestEachCallByGRPCNeedsItsScopeAndAKeyThatHolds(t *testing.T) {
	keys := keyring(t)
	_, _, conn := listenWith(t, &shelf{desk: &desk{}, dock: &dock{}}, api.Options{Keys: keys.Keyring, Audit: keys.log})
	bad := keys.bad()
	held := map[model.Scope]string{}
	for _, s := range model.Scopes() {
		held[s] = "Bearer " + keys.key(0, s).Text
	}
	for _, c := range calls() {
		for scope, authorization := range held {
			want, patience := allowed(c, scope), 10*time.Second
			if want == "" && c.method.IsStreamingServer() {
				patience = 200 * time.Millisecond
			}
			if got := refusal(c.over(t, conn, authorization, patience)); got != want {
				t.Errorf("%s with %s: %q, want %q", c.name, scope, got, want)
			}
		}
		for authorization, want := range bad {
			if got := refusal(c.over(t, conn, authorization, 10*time.Second)); got != want {
				t.Errorf("%s with %q: %q, want %q", c.name, authorization, got, want)
			}
		}
	}
}

// routes are the addresses of the API: method, path and the call behind it.
func routes(t *testing.T, s *served) (out []struct {
	verb, path string
	call       call
},
) {
	t.Helper()
	var document struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
		} `json:"paths"`
	}
	if err := json.Unmarshal([]byte(s.ask(t, http.MethodGet, "/openapi.json").body), &document); err != nil {
		t.Fatal(err)
	}
	byID := map[string]call{}
	for _, c := range calls() {
		byID[string(c.method.Parent().Name())+"_"+string(c.method.Name())] = c
	}
	inPath := regexp.MustCompile(`\{[^}]+\}`)
	for path, verbs := range document.Paths {
		for verb, operation := range verbs {
			c, found := byID[operation.OperationID]
			if !found {
				continue // A page, such as /healthz.
			}
			out = append(out, struct {
				verb, path string
				call       call
			}{strings.ToUpper(verb), inPath.ReplaceAllString(path, "1"), c})
		}
	}
	return out
}

func TestEachAddressNeedsItsScopeAndAKeyThatHolds(t *testing.T) {
	keys := keyring(t)
	s := serve(t, &shelf{desk: &desk{}, dock: &dock{}}, api.Options{Keys: keys.Keyring, Audit: keys.log})
	bad := keys.bad()
	found := routes(t, s)
	if len(found) < 14 {
		t.Fatalf("the document has %d addresses", len(found))
	}
	for _, scope := range model.Scopes() {
		key := keys.key(0, scope).Text
		for _, r := range found {
			answer := s.ask(t, r.verb, r.path, header("Authorization", "Bearer "+key))
			switch want := allowed(r.call, scope); {
			case want == "" && (answer.status == 401 || answer.status == 403):
				t.Errorf("%s %s with %s: %d %s", r.verb, r.path, scope, answer.status, answer.body)
			case want != "" && (answer.status != 403 || decode(t, answer)["code"] != want):
				t.Errorf("%s %s with %s: %d %s", r.verb, r.path, scope, answer.status, answer.body)
			case want != "":
				m, _, _ := access.MethodOf(r.call.name)
				if got, want := answer.header.Get("WWW-Authenticate"), `Bearer realm="churnwatch", error="insufficient_scope", scope="`+string(m.Needs)+`"`; got != want {
					t.Errorf("%s %s: WWW-Authenticate %s, want %s", r.verb, r.path, got, want)
				}
			}
		}
	}
	for authorization, want := range bad {
		for _, r := range found {
			answer := s.ask(t, r.verb, r.path, header("Authorization", authorization))
			challenge := answer.header.Get("WWW-Authenticate")
			if answer.status != 401 || decode(t, answer)["code"] != want || !strings.HasPrefix(challenge, `Bearer realm="churnwatch"`) ||
				strings.Contains(challenge, "invalid_token") != (want != access.CodeNoKey) {
				t.Errorf("%s %s with %q: %d %s, WWW-Authenticate %s", r.verb, r.path, authorization, answer.status, answer.body, challenge)
			}
		}
	}
	for text := range bad {
		if _, key, _ := strings.Cut(text, "cw_"); key != "" && strings.Contains(s.log.String(), key) {
			t.Error("a key stands in the log")
		}
	}
}
