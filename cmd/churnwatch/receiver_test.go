package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// receive is a receiver of webhooks for scripts: it writes its address to a
// file, and of each message its type and id, its body, and whether the secret
// in another file signed it. It ends with its process.
func receive() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err == nil {
		err = os.WriteFile("address", []byte("http://"+listener.Addr().String()+"/hook"), 0o600)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	server := &http.Server{ReadHeaderTimeout: 1e9, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		secret, _ := os.ReadFile("secret")
		hook, err := standardwebhooks.NewWebhook(string(secret))
		if err == nil {
			err = hook.Verify(body, r.Header)
		}
		file, openErr := os.OpenFile("received", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if openErr != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		defer func() { _ = file.Close() }()
		fmt.Fprintf(file, "%s signed %t %s\n", r.Header.Get("webhook-id"), err == nil, body)
	})}
	_ = server.Serve(listener)
}
