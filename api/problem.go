package api

import (
	"encoding/json"
	"net/http"
)

// problem is RFC 9457's problem details with a code for programs.
type problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail"`
	Code      string `json:"code"`
	RequestID string `json:"request_id"`
}

// writeProblem answers a request with what went wrong.
func writeProblem(w http.ResponseWriter, r *http.Request, o outcome, detail string) {
	title := http.StatusText(o.http)
	if o.http == statusClientClosed {
		title = "Client Closed Request"
	}
	body, err := json.Marshal(problem{
		Type: "about:blank", Title: title, Status: o.http, Detail: detail, Code: o.code, RequestID: requestID(r.Context()),
	})
	if err != nil { // Texts and numbers can't fail.
		http.Error(w, title, o.http)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "application/problem+json")
	header.Set("Cache-Control", "no-store")
	if o.http == http.StatusServiceUnavailable {
		header.Set("Retry-After", "1")
	}
	challenge(header, o, detail)
	w.WriteHeader(o.http)
	_, _ = w.Write(append(body, '\n')) // The client is gone when this fails.
}

// refuse answers with the problem of that HTTP status.
func refuse(w http.ResponseWriter, r *http.Request, httpStatus int, detail string) {
	writeProblem(w, r, outcomeOf(func(o outcome) bool { return o.http == httpStatus }), detail)
}
