package post_test

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/churnwatch/churnwatch/api/webhook/post"
	"github.com/churnwatch/churnwatch/model"
)

// FuzzCheckURL takes anything at all for the address of a receiver: it is a fault of
// kind invalid, or an address that a request can be made for, encrypted unless it is
// for networks of ours, without secrets, and no address of this machine.
func FuzzCheckURL(f *testing.F) {
	for _, text := range []string{
		"", "https://example.com/churnwatch", "http://10.1.2.3/", "https://user:word@example.com", "https://example.com/#part", "https://[::1]/", "https://[::ffff:127.0.0.1]:8443/x",
		"https://127.0.0.1", "https://169.254.169.254/latest", "https://example.com:99999", "https://:443", "HTTPS://EXAMPLE.COM", "https://0/", "https://2130706433", "https://exa mple.com",
		"https://example.com/\r\nX: y", "https://%31%32%37.0.0.1/", "https://[fe80::1%25eth0]/", "//example.com", "file:///etc/passwd", "https:example.com", "https://example.com/" + strings.Repeat("a", 2000),
		"https://xn--bcher-kva.example", "https://bücher.example", "https://example.com?token=x", "https://①②⑦.0.0.1",
	} {
		f.Add(text, false)
		f.Add(text, true)
	}
	own := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	f.Fuzz(func(t *testing.T, text string, ours bool) {
		var networks []netip.Prefix
		if ours {
			networks = own
		}
		if err := post.CheckURL(text, networks); err != nil {
			if model.KindOf(err) != model.KindInvalid {
				t.Fatalf("kind %s of %v", model.KindOf(err), err)
			}
			return
		}
		request, err := http.NewRequest(http.MethodPost, text, nil)
		if err != nil {
			t.Fatalf("%q is accepted and can't be called: %v", text, err)
		}
		if request.URL.User != nil || request.URL.Fragment != "" || request.URL.Scheme != "https" && !ours || len(text) > 2000 {
			t.Fatalf("%q is accepted", text)
		}
		if ip, err := netip.ParseAddr(request.URL.Hostname()); err == nil {
			ip = ip.Unmap()
			if ip.IsLoopback() || ip.IsUnspecified() || ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsPrivate() && !ours {
				t.Fatalf("%q is accepted", text)
			}
		}
		if again, err := url.Parse(request.URL.String()); err != nil || post.CheckURL(again.String(), networks) != nil && len(again.String()) <= 2000 {
			t.Fatalf("%q is accepted, and %q is not: %v", text, again, err)
		}
	})
}
