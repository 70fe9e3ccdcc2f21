package api_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"

	"github.com/churnwatch/churnwatch/api"
	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/model"
)

func TestTheFirstKeyClosesTheDoorAtOnce(t *testing.T) {
	keys := keyring(t)
	s := serve(t, &shelf{}, api.Options{Keys: keys.Keyring})
	if got := s.ask(t, http.MethodGet, "/v1/scores").status; got != 200 {
		t.Errorf("without keys this machine hears %d", got)
	}
	key := keys.key(0, model.ScopeScoresRead)
	with := header("Authorization", "Bearer "+key.Text)
	elsewhere := func(r *http.Request) { r.RemoteAddr, r.Host = "192.0.2.7:4000", "churn.example" }
	for _, tt := range []struct {
		name, target string
		change       []func(*http.Request)
		want         int
	}{
		{"this machine without the key", "/v1/scores", nil, 401},
		{"an address that is not there, without the key", "/v1/none", nil, 401},
		{"with it", "/v1/scores", []func(*http.Request){with}, 200},
		{"elsewhere with it", "/v1/scores", []func(*http.Request){with, elsewhere}, 200},
		{"elsewhere without it", "/v1/scores", []func(*http.Request){elsewhere}, 401},
		{"rows in bulk with it", "/v1/scores", []func(*http.Request){with, header("Accept", "text/csv")}, 200},
		{"rows in bulk with another scope", "/v1/scores", []func(*http.Request){header("Authorization", "Bearer "+keys.key(0, model.ScopeMetricsRead).Text), header("Accept", "application/x-ndjson")}, 403},
		{"metrics on this machine", "/metrics", nil, 200},
		{"metrics elsewhere", "/metrics", []func(*http.Request){elsewhere}, 401},
		{"metrics through a proxy", "/metrics", []func(*http.Request){header("X-Forwarded-For", "192.0.2.7")}, 401},
		{"metrics elsewhere with another scope", "/metrics", []func(*http.Request){elsewhere, with}, 403},
		{"metrics elsewhere with their scope", "/metrics", []func(*http.Request){elsewhere, header("Authorization", "Bearer "+keys.key(0, model.ScopeMetricsRead).Text)}, 200},
		{"health elsewhere", "/healthz", []func(*http.Request){elsewhere}, 200},
		{"the description elsewhere", "/openapi.json", []func(*http.Request){elsewhere}, 200},
	} {
		if got := s.ask(t, http.MethodGet, tt.target, tt.change...); got.status != tt.want {
			t.Errorf("%s: %d %s, want %d", tt.name, got.status, got.body, tt.want)
		}
	}
	if _, err := keys.Revoke(t.Context(), key.Key.ID); err != nil {
		t.Fatal(err)
	}
	if got := s.ask(t, http.MethodGet, "/v1/scores", with).status; got != 401 {
		t.Errorf("after its revocation: %d", got)
	}
}

func TestAListenerOffLoopbackNeedsAKeyThatHolds(t *testing.T) {
	for name, o := range map[string]api.Options{
		"HTTP": {HTTP: "0.0.0.0:0", GRPC: "127.0.0.1:0"},
		"gRPC": {HTTP: "127.0.0.1:0", GRPC: "0.0.0.0:0"},
	} {
		keys := keyring(t)
		o.Keys = keys.Keyring
		s := serve(t, &shelf{}, o)
		if err := s.Listen(t.Context()); model.KindOf(err) != model.KindInvalid || !strings.Contains(err.Error(), "churnwatch keys create") {
			t.Errorf("%s without a key: %v", name, err)
		}
		issued := keys.key(0, model.ScopeAdmin)
		s = serve(t, &shelf{}, o)
		ctx, cancel := context.WithCancel(t.Context())
		if err := s.Listen(ctx); err != nil {
			t.Errorf("%s with a key: %v", name, err)
		}
		cancel()
		if err := s.Serve(ctx); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !strings.Contains(s.log.String(), "travel in the clear") {
			t.Errorf("%s without TLS: %s", name, s.log.String())
		}
		if _, err := keys.Revoke(t.Context(), issued.Key.ID); err != nil {
			t.Fatal(err)
		}
		if err := serve(t, &shelf{}, o).Listen(t.Context()); model.KindOf(err) != model.KindInvalid {
			t.Errorf("%s with a revoked key: %v", name, err)
		}
	}
}

func TestAKeyMayCallSoOften(t *testing.T) {
	keys := keyring(t)
	s, _, conn := listenWith(t, &shelf{}, api.Options{Keys: keys.Keyring, RatePerKey: 2})
	slow, other := keys.key(0, model.ScopeScoresRead), keys.key(0, model.ScopeScoresRead)
	get := func(key string) reply {
		return s.ask(t, http.MethodGet, "/v1/scores", header("Authorization", "Bearer "+key))
	}
	for i, want := range []int{200, 200, 429} {
		answer := get(slow.Text)
		if answer.status != want {
			t.Errorf("request %d: %d, want %d", i, answer.status, want)
		}
		if want == 429 && (decode(t, answer)["code"] != "rate_limited" || answer.header.Get("Retry-After") != "1") {
			t.Errorf("request %d: %s, Retry-After %q", i, answer.body, answer.header.Get("Retry-After"))
		}
	}
	if got := get(other.Text).status; got != 200 {
		t.Errorf("another key: %d", got)
	}
	ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+slow.Text)
	_, err := churnwatchv1.NewScoreServiceClient(conn).ListScores(ctx, &churnwatchv1.ListScoresRequest{})
	if err == nil || !strings.Contains(err.Error(), "ResourceExhausted") {
		t.Errorf("the same key by gRPC: %v", err)
	}
}

func TestTheLogOfWhoDidWhat(t *testing.T) {
	keys := keyring(t)
	s := serve(t, &shelf{scores: []model.Score{scored("c1", 0.5, 1)}},
		api.Options{Keys: keys.Keyring, Audit: keys.log})
	key := keys.key(0, model.ScopeScoresRead, model.ScopeIngestWrite)
	for _, c := range []struct{ method, target, authorization string }{
		{http.MethodGet, "/v1/customers/c1/score", "Bearer " + key.Text},
		{http.MethodGet, "/v1/customers/none/score", "Bearer " + key.Text},
		{http.MethodGet, "/v1/customers/c1/score", "Bearer " + key.Text},
		{http.MethodGet, "/v1/painpoints", "Bearer " + key.Text},
		{http.MethodPost, "/v1/orders:import", "Bearer " + key.Text},
		{http.MethodGet, "/v1/customers/c1/score", "Bearer wrong"},
	} {
		s.ask(t, c.method, c.target, header("Authorization", c.authorization), header("X-Request-Id", "r"))
	}
	keys.stop()
	entry := func(action, customer, resource, outcome string, times int64) model.AuditEntry {
		return model.AuditEntry{
			At: noon, KeyID: key.Key.ID, KeyName: "tool", Action: "churnwatch.v1." + action, CustomerID: customer, Resource: resource,
			Outcome: outcome, RequestID: "r", Times: times,
		}
	}
	want := []model.AuditEntry{
		entry("ScoreService/GetScore", "c1", "", "ok", 2),
		entry("ScoreService/GetScore", "none", "", "not_found", 1),
		entry("InsightService/ListPainPoints", "", "", "scope_missing", 1),
		entry("IngestService/Import", "", "orders", "invalid", 1),
	}
	if diff := cmp.Diff(want, keys.vault.entries); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}

// authority signs certificates for 127.0.0.1.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	dir  string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t, dir: t.TempDir()}
	a.cert, a.key = a.sign("authority", nil, nil)
	return a
}

func (a *authority) sign(name string, parent *x509.Certificate, signer *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: parent == nil, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if parent == nil {
		parent, signer = template, key
	}
	raw, err2 := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	private, err3 := x509.MarshalECPrivateKey(key)
	cert, err4 := x509.ParseCertificate(raw)
	if err := errors.Join(err, err2, err3, err4,
		os.WriteFile(a.path(name+".pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}), 0o600),
		os.WriteFile(a.path(name+".key"), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private}), 0o600)); err != nil {
		a.t.Fatal(err)
	}
	return cert, key
}

func (a *authority) path(name string) string { return filepath.Join(a.dir, name) }

func TestTLSAndMutualTLS(t *testing.T) {
	a := newAuthority(t)
	a.sign("server", a.cert, a.key)
	a.sign("client", a.cert, a.key)
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	pair, err := tls.LoadX509KeyPair(a.path("client.pem"), a.path("client.key"))
	if err != nil {
		t.Fatal(err)
	}
	for _, mutual := range []bool{false, true} {
		files := api.TLS{Certificate: a.path("server.pem"), Key: a.path("server.key")}
		if mutual {
			files.ClientCA = a.path("authority.pem")
		}
		s, _, _ := listenWith(t, &shelf{}, api.Options{TLS: files})
		http, grpcAddress := s.Addresses()
		for _, known := range []bool{false, true} {
			config := &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
			if known {
				config.Certificates = []tls.Certificate{pair}
			}
			want := known || !mutual
			name := fmt.Sprintf("mutual %v, client with a certificate %v", mutual, known)
			if err := overTLS(t, "https://"+http, config); (err == nil) != want {
				t.Errorf("HTTP, %s: %v", name, err)
			}
			conn, err := grpc.NewClient(grpcAddress, grpc.WithTransportCredentials(credentials.NewTLS(config.Clone())))
			if err != nil {
				t.Fatal(err)
			}
			_, err = churnwatchv1.NewScoreServiceClient(conn).ListScores(t.Context(), &churnwatchv1.ListScoresRequest{})
			if (err == nil) != want {
				t.Errorf("gRPC, %s: %v", name, err)
			}
			_ = conn.Close()
		}
		if err := overTLS(t, "http://"+http, &tls.Config{MinVersion: tls.VersionTLS12}); err == nil {
			t.Error("a plain client was served")
		}
	}
}

// overTLS reads the scores, and wants the header that keeps browsers on TLS.
func overTLS(t *testing.T, base string, config *tls.Config) error {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: config.Clone(), ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	answer, err := (&http.Client{Transport: transport}).Get(base + "/v1/scores")
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Strict-Transport-Security") == "" {
		return errors.New(answer.Status)
	}
	return nil
}

func TestBrokenTLSFilesStopTheStart(t *testing.T) {
	a := newAuthority(t)
	for name, files := range map[string]api.TLS{
		"no key":       {Certificate: a.path("authority.pem")},
		"no file":      {Certificate: a.path("none"), Key: a.path("authority.key")},
		"wrong pair":   {Certificate: a.path("authority.key"), Key: a.path("authority.pem")},
		"no authority": {Certificate: a.path("authority.pem"), Key: a.path("authority.key"), ClientCA: a.path("authority.key")},
	} {
		_, err := api.New(api.Parts{Scores: &shelf{}}, api.Options{
			TLS: files, Registry: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler), Clock: time.Now,
		})
		if model.KindOf(err) != model.KindInvalid || !strings.Contains(err.Error(), "TLS: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNobodyHearsTheAnswerToAnothersRequest(t *testing.T) {
	keys, d := keyring(t), &dock{}
	s := serve(t, &shelf{dock: d}, api.Options{Keys: keys.Keyring})
	for range 2 {
		key := keys.key(0, model.ScopeIngestWrite)
		s.post(t, "/v1/orders:import", "", `[{"a":1}]`, header("Idempotency-Key", "k-1"), header("Authorization", "Bearer "+key.Text))
		if got := d.got[len(d.got)-1].Key; !strings.HasPrefix(got, key.Key.ID) {
			t.Errorf("the answer is kept under %q", got)
		}
	}
	if len(d.got) != 2 || d.got[0].Key == d.got[1].Key {
		t.Errorf("two callers' requests have one name: %+v", d.got)
	}
}
