package webhook_test

import (
	"crypto/x509"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/churnwatch/churnwatch/api/webhook"
	"github.com/churnwatch/churnwatch/model"
)

func TestBothSecretsSignUntilTheOverlapIsOver(t *testing.T) {
	w := newWorld(t, quick())
	l := listen(t, status(http.StatusOK))
	w.run()
	id, old := w.add(l.URL)
	rotated, err := w.service.Rotate(t.Context(), id, time.Hour)
	if err != nil || rotated.Secret == old || !strings.HasPrefix(rotated.Secret, "whsec_") {
		t.Fatalf("rotated to %q: %v", rotated.Secret, err)
	}
	signs := func(secret string, m message) bool {
		t.Helper()
		hook, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			t.Fatal(err)
		}
		return hook.VerifyIgnoringTimestamp(m.body, m.header) == nil
	}
	w.open("ann")
	if m := l.next(t); !signs(old, m) || !signs(rotated.Secret, m) || signs("whsec_b3RoZXI=", m) {
		t.Errorf("in the overlap: %v", m.header)
	}
	w.ahead.Store(int64(time.Hour))
	w.open("bob")
	if m := l.next(t); signs(old, m) || !signs(rotated.Secret, m) {
		t.Errorf("after the overlap: %v", m.header)
	}
	// An overlap never makes a secret last longer, and none ends the old one now.
	again, err := w.service.Rotate(t.Context(), id, 0)
	if err != nil || len(again.Receiver.Secrets) != 2 {
		t.Fatalf("rotate again: %d secrets, %v", len(again.Receiver.Secrets), err)
	}
	w.open("cid")
	if m := l.next(t); signs(rotated.Secret, m) || !signs(again.Secret, m) {
		t.Errorf("without an overlap: %v", m.header)
	}
}

func TestASecretShowsItselfOnlyOnce(t *testing.T) {
	w := newWorld(t, quick())
	l := listen(t, status(http.StatusTeapot))
	w.run()
	id, secret := w.add(l.URL)
	w.open("ann")
	l.next(t)
	r := w.receiver(id)
	log := slog.New(slog.NewJSONHandler(w.log, nil))
	log.Info("shown", slog.Any("receiver", r), slog.Any("secrets", r.Secrets), slog.Any("secret", r.Secrets[0].Text))
	shown := fmt.Sprintf("%v %+v %#v %s", r, r, r, r.Secrets[0].Text) + w.log.String()
	if strings.Contains(shown, strings.TrimPrefix(secret, "whsec_")) {
		t.Errorf("the secret is in %s", shown)
	}
	if info, err := os.Stat(w.path); err != nil || r.Secrets[0].Text.Reveal() != secret {
		t.Errorf("%v %v", info, err)
	}
}

func TestPrivateAddressesAreRefusedWhenTheyAreDialled(t *testing.T) {
	settings := quick()
	settings.Networks = nil
	w := newWorld(t, settings)
	w.run()
	port := listen(t, status(http.StatusOK)).Listener.Addr().String()
	_, port, _ = strings.Cut(port, ":")
	id, _ := w.add("https://localhost:" + port) // A name, which leads to this machine.
	w.open("ann")
	eventually(t, "the dial is refused", func() bool { return w.count("address_refused") > 0 && w.receiver(id).Reason != "" })
	if r := w.receiver(id); !strings.Contains(r.Reason, "is a private address: webhooks.allow_networks can allow it") {
		t.Errorf("reason %q", r.Reason)
	}
	trial, err := w.service.Test(t.Context(), id)
	if err != nil || trial.Delivered || trial.Status != nil || !strings.Contains(trial.Reason, "private address") {
		t.Errorf("test: %+v, %v", trial, err)
	}
}

func TestAddressesThatCouldNeverBeCalledAreRefused(t *testing.T) {
	private := newWorld(t, webhook.Settings{})
	allowed := newWorld(t, webhook.Settings{Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	for _, c := range []struct {
		w         *world
		url, said string
	}{
		{private, "tool.example", "want one such as https://"},
		{private, "https://", "want one such as https://"},
		{private, "https://:443/x", "want one such as https://"},
		{private, "ftp://tool.example", "ftp is not https"},
		{private, "http://tool.example", "want https"},
		{private, "https://ann:pass@tool.example", "no user, password or fragment"},
		{private, "https://tool.example/#top", "no user, password or fragment"},
		{private, "https://tool.example/" + strings.Repeat("x", 2000), "at most 2000 bytes"},
		{allowed, "http://8.8.8.8/", "would be called without encryption"},
		{allowed, "https://10.1.2.3/", ""},
		{allowed, "http://10.1.2.3/hook", ""},
		{allowed, "https://8.8.8.8/", ""},
	} {
		_, err := c.w.service.Add(t.Context(), webhook.Request{Name: "tool", URL: c.url})
		if c.said == "" && err != nil || c.said != "" && (model.KindOf(err) != model.KindInvalid || !strings.Contains(err.Error(), c.said)) {
			t.Errorf("%s: %v, want %q", c.url, err, c.said)
		}
	}
	for _, address := range []string{
		"127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "0.1.2.3", "198.18.0.1",
		"224.0.0.1", "255.255.255.255", "192.0.2.1", "[::1]", "[::]", "[fe80::1]", "[fc00::1]", "[fd12::1]", "[ff02::1]", "[::ffff:127.0.0.1]",
		"[::ffff:10.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[2001:db8::1]", "[fec0::1]",
	} {
		if _, err := private.service.Add(t.Context(), webhook.Request{Name: "tool", URL: "https://" + address + "/"}); err == nil || !strings.Contains(err.Error(), "is a private address") {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, q := range []webhook.Request{
		{URL: "https://tool.example"},
		{Name: "a\nb", URL: "https://tool.example"},
		{Name: "tool", URL: "https://tool.example", Types: []string{"score"}},
		{Name: "tool", URL: "https://tool.example", Types: []string{"order.*"}},
		{Name: "tool", URL: "https://tool.example", Types: []string{"*"}},
		{Name: "tool", URL: "https://tool.example", Types: []string{"trigger.*", "trigger.*"}},
	} {
		if _, err := private.service.Add(t.Context(), q); model.KindOf(err) != model.KindInvalid {
			t.Errorf("%+v: %v", q, err)
		}
	}
	private.add("https://tool.example/a")
	if _, err := private.service.Add(t.Context(), webhook.Request{Name: "tool", URL: "https://tool.example/a"}); model.KindOf(err) != model.KindConflict {
		t.Errorf("the same address again: %v", err)
	}
}

func TestACertificateMustBeTrusted(t *testing.T) {
	settings := quick()
	settings.Timeout = 20 * time.Second // A handshake takes its time where the machine is busy.
	w := newWorld(t, settings)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	id, _ := w.add(server.URL)
	trial, err := w.service.Test(t.Context(), id)
	if err != nil || trial.Delivered || !strings.Contains(trial.Reason, "its certificate is not trusted") || w.count("untrusted") != 1 {
		t.Errorf("test: %+v, %v", trial, err)
	}
	w.options.Roots = x509.NewCertPool()
	w.options.Roots.AddCert(server.Certificate())
	w.renew()
	stop := w.run() // Its end closes the connections that are kept.
	if trial, err = w.service.Test(t.Context(), id); err != nil || !trial.Delivered || *trial.Status != http.StatusOK {
		t.Errorf("with its authority: %+v, %v", trial, err)
	}
	stop()
}
