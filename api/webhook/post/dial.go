package post

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"syscall"
)

// addressError says that an address may not be called.
type addressError struct{ text string }

func (e addressError) Error() string { return e.text }

// special are the networks that are no part of the public internet, or lead out
// of it by another way, beside those that netip knows by itself.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"), netip.MustParsePrefix("2001::/23"),
	netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("fec0::/10"),
}

// guard says which addresses may be called. It is asked for the address that is
// dialled, after names were looked up, so that no name leads past it.
type guard struct {
	// allowed are networks that may be called though they are not public.
	allowed []netip.Prefix
	// plain says that the call is not encrypted, which is for allowed networks
	// alone.
	plain bool
}

// check refuses an address.
func (g guard) check(address netip.Addr) error {
	address = address.Unmap().WithZone("")
	if slices.ContainsFunc(g.allowed, func(p netip.Prefix) bool { return p.Contains(address) }) {
		return nil
	}
	inside := !address.IsGlobalUnicast() || address.IsPrivate() || slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(address) })
	switch {
	case inside:
		return addressError{fmt.Sprintf("%s is a private address: webhooks.allow_networks can allow it", address)}
	case g.plain:
		return addressError{fmt.Sprintf("%s would be called without encryption: want https", address)}
	}
	return nil
}

// control is called with the address that is about to be dialled.
func (g guard) control(_, address string, _ syscall.RawConn) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return err
	}
	return g.check(ip)
}
