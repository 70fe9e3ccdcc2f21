package post

import (
	"net/netip"
	"net/url"

	"github.com/churnwatch/churnwatch/model"
)

// mostURL bounds an address, in bytes.
const mostURL = 2000

// CheckURL refuses an address that could never be called.
func CheckURL(text string, networks []netip.Prefix) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		return model.Errorf(model.KindInvalid, "address of a receiver: want one such as https://example.com/churnwatch")
	case u.User != nil || u.Fragment != "":
		return model.Errorf(model.KindInvalid, "address of a receiver: it may hold no user, password or fragment: what comes is signed")
	case u.Scheme != "https" && u.Scheme != "http":
		return model.Errorf(model.KindInvalid, "address of a receiver: %s is not https", u.Scheme)
	case u.Scheme == "http" && len(networks) == 0:
		return model.Errorf(model.KindInvalid, "address of a receiver: want https: what is sent tells of customers (http is for networks of yours, webhooks.allow_networks)")
	case len(text) > mostURL:
		return model.Errorf(model.KindInvalid, "address of a receiver: want at most %d bytes", mostURL)
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil {
		if err := (guard{networks, u.Scheme == "http"}).check(ip); err != nil {
			return model.Errorf(model.KindInvalid, "address of a receiver: %w", err)
		}
	}
	return nil
}
