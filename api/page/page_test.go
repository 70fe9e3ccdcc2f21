package page_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/churnwatch/churnwatch/api/page"
)

// served returns what is served by its address.
func served(t *testing.T) map[string]*httptest.ResponseRecorder {
	t.Helper()
	document, err := os.ReadFile("../gen/churnwatch.swagger.json")
	if err != nil {
		t.Fatal(err)
	}
	routes, err := page.Routes(document)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*httptest.ResponseRecorder{}
	for pattern, handler := range routes {
		address := strings.TrimSuffix(pattern, "{$}")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, address, http.NoBody))
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d", address, w.Code)
		}
		out[address] = w
	}
	return out
}

func TestEverythingThatIsReferredToIsServed(t *testing.T) {
	all := served(t)
	linked := regexp.MustCompile(`(?:href|src)="(/[^"#]*)"`)
	imported := regexp.MustCompile(`from '(\.{1,2}/[^']+)'`)
	known := func(target string) bool {
		return all[target] != nil || target == "/openapi.json"
	}
	preloaded := all["/"].Body.String()
	modules := 0
	for address, w := range all {
		text := w.Body.String()
		if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") || strings.HasSuffix(address, ".js") {
			for _, match := range linked.FindAllStringSubmatch(text, -1) {
				if !known(match[1]) {
					t.Errorf("%s refers to %s, which is not served", address, match[1])
				}
			}
		}
		for _, match := range imported.FindAllStringSubmatch(text, -1) {
			folder := address[:strings.LastIndex(address, "/")]
			target, up := strings.CutPrefix(match[1], "../")
			if up {
				folder = folder[:strings.LastIndex(folder, "/")]
			}
			target = folder + "/" + strings.TrimPrefix(target, "./")
			if modules++; !known(target) || !strings.Contains(preloaded, `"`+target+`"`) {
				t.Errorf("%s imports %s: served %t; the page must preload it", address, target, known(target))
			}
		}
	}
	if modules < 20 {
		t.Errorf("%d imports were found", modules)
	}
}

// A document holds no script, no style and no handler of its own, and loads
// nothing from elsewhere; browsers are told to hold it to that.
func TestDocumentsLoadWhatIsServedAlone(t *testing.T) {
	own := regexp.MustCompile(`(?i)<script(?:\s[^>]*)?>[^<]|<style|\sstyle=|\son[a-z]+=|javascript:`)
	elsewhere := regexp.MustCompile(`https?://[^\s"'` + "`" + `)]+`)
	for address, w := range served(t) {
		text, header := w.Body.String(), w.Header()
		if strings.HasPrefix(header.Get("Content-Type"), "text/html") {
			if found := own.FindString(text); found != "" {
				t.Errorf("%s holds %q", address, found)
			}
		}
		for _, found := range elsewhere.FindAllString(text, -1) {
			if !strings.HasPrefix(found, "http://www.w3.org/2000/svg") && !strings.Contains(address, "/vendor/") {
				t.Errorf("%s names %s", address, found)
			}
		}
		policy := header.Get("Content-Security-Policy")
		for _, directive := range []string{"default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"} {
			if !strings.Contains(policy, directive) {
				t.Errorf("%s: policy %q lacks %s", address, policy, directive)
			}
		}
		if strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", address, policy)
		}
	}
}

// Templates put what they are given into text and quoted attributes; these ways
// around it are not used.
func TestModulesMakeNoMarkupOfText(t *testing.T) {
	around := regexp.MustCompile(`unsafeHTML|unsafeSVG|unsafeStatic|innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|[^-\w]style=`)
	for address, w := range served(t) {
		if strings.HasSuffix(address, ".js") && !strings.Contains(address, "/vendor/") {
			if found := around.FindString(w.Body.String()); found != "" {
				t.Errorf("%s: %s", address, found)
			}
		}
	}
}

func TestAFileThatABrowserHasIsNotSentAgain(t *testing.T) {
	routes, err := page.Routes([]byte(`{"tags":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	for pattern, handler := range routes {
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		first := httptest.NewRecorder()
		handler.ServeHTTP(first, r)
		r.Header.Set("If-None-Match", first.Header().Get("ETag"))
		again := httptest.NewRecorder()
		handler.ServeHTTP(again, r)
		if first.Header().Get("Cache-Control") != "no-cache" || again.Code != http.StatusNotModified || again.Body.Len() > 0 {
			t.Errorf("%s: %d, %v", pattern, again.Code, first.Header())
		}
	}
}

// read is what a handler answers.
func read(handler http.Handler) string {
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
	return w.Body.String()
}
