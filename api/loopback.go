package api

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// foreign says what shows that a request is not this machine's own, or "".
func foreign(r *http.Request) string {
	remote, err := netip.ParseAddrPort(r.RemoteAddr)
	switch host := hostOf(r.Host); {
	case err != nil || !remote.Addr().Unmap().IsLoopback():
		return "the caller is not on this machine"
	case !isLoopbackName(host):
		return "the Host header names another server"
	case forwarded(r.Header):
		return "the request was forwarded"
	case !sameSite(r, host):
		return "the request comes from a page of another site"
	}
	return ""
}

// hostOf returns a Host header's name without its port, in lower case.
func hostOf(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	} else if len(host) > 1 && host[0] == '[' && host[len(host)-1] == ']' {
		host = host[1 : len(host)-1]
	}
	return strings.ToLower(host)
}

func isLoopbackName(name string) bool {
	return name == "localhost" || name == "127.0.0.1" || name == "::1"
}

// forwarded reports whether a proxy has passed the request on.
func forwarded(header http.Header) bool {
	for name := range header {
		if name == "Forwarded" || name == "Via" || name == "X-Real-Ip" || strings.HasPrefix(name, "X-Forwarded-") {
			return true
		}
	}
	return false
}

// sameSite reports whether no browser says that a page elsewhere made the
// request. Ports do not count for a site. A link that a person follows is no
// page's own request.
func sameSite(r *http.Request, host string) bool {
	for _, text := range r.Header.Values("Origin") {
		origin, err := url.Parse(text)
		if err != nil || (origin.Scheme != "http" && origin.Scheme != "https") || hostOf(origin.Host) != host {
			return false
		}
	}
	if r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		return r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
	}
	return true
}
