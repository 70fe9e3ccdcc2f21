package api

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"strings"

	"github.com/churnwatch/churnwatch/model"
)

// gated lets in who may call. While no API key exists that is this machine
// alone: a page of another site in a local browser, a name that points here,
// and a proxy that forwards from elsewhere must all stay out. Once one does,
// every call needs a key, from this machine too, before anything of it is read;
// what a call needs beyond is for the call's own interceptor to say. Pages that
// tell nothing about the database stay open.
func (s *Server) gated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		why := foreign(r)
		switch {
		case !s.options.Keys.Any():
			if why != "" {
				refuse(w, r, http.StatusForbidden, why+"; without API keys only this machine may call, as localhost, 127.0.0.1 or [::1]")
				return
			}
		case strings.HasPrefix(r.URL.Path, "/v1/"):
			if !s.admitted(w, r, "") {
				return
			}
		case r.URL.Path == "/metrics" && why != "":
			if !s.admitted(w, r, model.ScopeMetricsRead) {
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// admitted answers a request itself where its key does not do.
func (s *Server) admitted(w http.ResponseWriter, r *http.Request, needed model.Scope) bool {
	key, err := s.identify(r.Header.Values("Authorization"))
	if err == nil {
		err = s.rates.take(key.ID)
	}
	if err == nil && needed != "" {
		err = checkScope(key, needed)
	}
	if err != nil {
		gatewayError(r.Context(), nil, nil, w, r, refusalStatus(err))
		return false
	}
	return true
}

// checkExposure refuses to serve where others can reach it while no key holds,
// and warns of what is open.
func (s *Server) checkExposure(ctx context.Context) error {
	exposed := false
	for _, l := range []struct {
		setting  string
		listener net.Listener
	}{{"server.http", s.httpListener}, {"server.grpc", s.grpcListener}, {"server.admin_address", s.adminListener}} {
		if l.listener == nil {
			continue
		}
		address := l.listener.Addr()
		if isLoopback(address) {
			continue
		}
		exposed = true
		if !s.options.Keys.Any() || !s.options.Keys.Holds() {
			return model.Errorf(model.KindInvalid,
				"%s: %s can be reached from other machines, and there is no API key that holds: make one first (churnwatch keys create NAME --scope ...), or listen on 127.0.0.1", l.setting, address)
		}
	}
	switch {
	case exposed && s.tls == nil:
		s.log.LogAttrs(ctx, slog.LevelWarn, "keys and data travel in the clear: set server.tls_certificate and server.tls_key, or put a proxy with TLS in front")
	case !exposed && !s.options.Keys.Any():
		s.log.LogAttrs(ctx, slog.LevelWarn, "no API key exists: every program on this machine may read and write everything; `churnwatch keys create` ends that")
	}
	return nil
}

// isLoopback reports whether only this machine reaches an address, or calls
// from it.
func isLoopback(address net.Addr) bool {
	tcp, ok := address.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}
