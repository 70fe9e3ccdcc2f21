package api

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// TLS names the PEM files by which listeners are encrypted. They are read again
// when they change, so that a renewed certificate needs no restart.
type TLS struct {
	// Certificate and Key come together; "" for both is no encryption.
	Certificate, Key string
	// ClientCA holds the authorities of clients' certificates; with it every
	// client needs one (mutual TLS), beside its API key.
	ClientCA string
}

// config returns nil where nothing is to be encrypted.
func (t TLS) config() (*tls.Config, error) {
	switch {
	case t == TLS{}:
		return nil, nil //nolint:nilnil // No configuration is a fine answer.
	case t.Certificate == "" || t.Key == "":
		return nil, model.Errorf(model.KindInvalid, "TLS: server.tls_certificate and server.tls_key come together")
	}
	pair := &certificate{TLS: t}
	if _, err := pair.get(nil); err != nil {
		return nil, err
	}
	out := &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: pair.get}
	if t.ClientCA == "" {
		return out, nil
	}
	text, err := os.ReadFile(t.ClientCA)
	if err != nil {
		return nil, model.Errorf(model.KindInvalid, "TLS: server.tls_client_ca: %w", err)
	}
	out.ClientCAs = x509.NewCertPool()
	if !out.ClientCAs.AppendCertsFromPEM(text) {
		return nil, model.Errorf(model.KindInvalid, "TLS: server.tls_client_ca: %s holds no certificate in PEM", t.ClientCA)
	}
	out.ClientAuth = tls.RequireAndVerifyClientCert
	return out, nil
}

// certificate is the pair of files as it was last read.
type certificate struct {
	TLS

	mu   sync.Mutex
	pair *tls.Certificate
	read time.Time // the newest change of the files that pair is of
}

// get returns the certificate, read again where its files have changed. While
// the new files do not fit together the old pair serves on.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	changed, err := c.changed()
	if c.pair != nil && (err != nil || changed.Equal(c.read)) {
		return c.pair, nil
	}
	if err != nil {
		return nil, model.Errorf(model.KindInvalid, "TLS: %w", err)
	}
	pair, err := tls.LoadX509KeyPair(c.Certificate, c.Key)
	if err != nil {
		if c.pair != nil {
			return c.pair, nil
		}
		return nil, model.Errorf(model.KindInvalid, "TLS: server.tls_certificate, server.tls_key: %w", err)
	}
	c.pair, c.read = &pair, changed
	return c.pair, nil
}

// changed is when one of the files was last written.
func (c *certificate) changed() (newest time.Time, err error) {
	for _, path := range []string{c.Certificate, c.Key} {
		info, err := os.Stat(path)
		if err != nil {
			return newest, err
		}
		if info.ModTime().After(newest) {
			newest = info.ModTime()
		}
	}
	return newest, nil
}

// serveOn serves a listener, encrypted where that is asked for.
func (s *Server) serveOn(server *http.Server, listener net.Listener) error {
	if s.tls == nil {
		return server.Serve(listener)
	}
	server.TLSConfig = s.tls.Clone()
	return server.ServeTLS(listener, "", "") // The files are in its configuration.
}
