package post

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/churnwatch/churnwatch/model"
)

const (
	// mostHeader and mostBody bound what is read of an answer, patience how long
	// its body may take: what it says does not matter.
	mostHeader = 16 << 10
	mostBody   = 4 << 10
	patience   = time.Second
	// mostRetryAfter bounds how long a receiver can ask to wait.
	mostRetryAfter = 24 * time.Hour
)

// Options are what a caller is made of.
type Options struct {
	// Timeout bounds a call, from looking the name up to the head of the answer.
	Timeout time.Duration
	// Networks are private ones that may be called, also by http.
	Networks []netip.Prefix
	// Roots are the authorities of certificates; nil is the system's.
	Roots *x509.CertPool
	// AtOnce is how many connections to a receiver are kept.
	AtOnce  int
	Version string
	Clock   func() time.Time
}

// Caller calls receivers. It follows no redirect, uses no proxy and no cookie,
// and trusts only certificates that the system trusts.
type Caller struct {
	plain, encrypted *http.Client
	clock            func() time.Time
	timeout          time.Duration
	agent            string
}

// New returns a caller.
func New(o Options) *Caller {
	client := func(plain bool) *http.Client {
		dialer := &net.Dialer{Timeout: o.Timeout, Control: guard{o.Networks, plain}.control}
		return &http.Client{
			Timeout:       o.Timeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport: &http.Transport{
				DialContext: dialer.DialContext, ForceAttemptHTTP2: true, DisableCompression: true,
				TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.Roots},
				TLSHandshakeTimeout: o.Timeout, ResponseHeaderTimeout: o.Timeout, MaxResponseHeaderBytes: mostHeader,
				MaxIdleConnsPerHost: o.AtOnce, IdleConnTimeout: 30 * time.Second,
			},
		}
	}
	return &Caller{plain: client(true), encrypted: client(false), clock: o.Clock, timeout: o.Timeout, agent: "churnwatch/" + cmp.Or(o.Version, "unknown")}
}

// Close closes connections that are kept for later calls.
func (c *Caller) Close() {
	c.plain.CloseIdleConnections()
	c.encrypted.CloseIdleConnections()
}

// Call sends an event to a receiver.
func (c *Caller) Call(ctx context.Context, r model.Receiver, id string, body []byte) Outcome {
	began := c.clock()
	o := c.attempt(ctx, r, id, body)
	if ctx.Err() != nil && o.Result != Delivered {
		return Outcome{Result: Unknown}
	}
	o.Took = c.clock().Sub(began)
	return o
}

func (c *Caller) attempt(ctx context.Context, r model.Receiver, id string, body []byte) Outcome {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.URL, bytes.NewReader(body))
	if err != nil {
		return Outcome{Result: Unreachable, Reason: "its address can't be read"}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", c.agent)
	if err := sign(request.Header, r.Secrets, id, c.clock(), body); err != nil {
		return Outcome{Result: Unreachable, Reason: "its secret can't be read: rotate it"}
	}
	client := c.encrypted
	if request.URL.Scheme == "http" {
		client = c.plain
	}
	answer, err := client.Do(request)
	if err != nil {
		return c.unanswered(err)
	}
	defer func() { _ = answer.Body.Close() }() // Nothing of it matters any more.
	timer := time.AfterFunc(patience, cancel)
	defer timer.Stop()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, mostBody)) // So that the connection can be used again.
	return answered(answer, c.clock())
}

// sign adds the headers of Standard Webhooks: each secret in force signs.
func sign(header http.Header, secrets []model.ReceiverSecret, id string, at time.Time, body []byte) error {
	var signatures []string
	for _, secret := range secrets {
		if secret.EndsAt != nil && !at.Before(*secret.EndsAt) {
			continue
		}
		hook, err := standardwebhooks.NewWebhook(secret.Text.Reveal())
		if err != nil {
			return err
		}
		signature, err := hook.Sign(id, at, body)
		if err != nil {
			return err
		}
		signatures = append(signatures, signature)
	}
	if len(signatures) == 0 {
		return errors.New("no secret is in force")
	}
	header.Set(standardwebhooks.HeaderWebhookID, id)
	header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	header.Set(standardwebhooks.HeaderWebhookSignature, strings.Join(signatures, " "))
	return nil
}

// answered reads an answer's status.
func answered(answer *http.Response, now time.Time) Outcome {
	status := answer.StatusCode
	o := Outcome{Status: status, Reason: strings.TrimSpace(fmt.Sprintf("it answered %d %s", status, http.StatusText(status)))}
	switch {
	case status >= 200 && status < 300:
		return Outcome{Status: status, Result: Delivered}
	case status >= 300 && status < 400:
		o.Result, o.Reason = Redirected, o.Reason+", and redirects are not followed: give the address that it leads to"
	case status == http.StatusGone:
		o.Result = Gone
	case status == http.StatusTooManyRequests:
		o.Result = Limited
	case status >= 400 && status < 500:
		o.Result = Rejected
	default:
		o.Result = Failed
	}
	o.RetryAfter = retryAfter(answer.Header.Get("Retry-After"), now)
	return o
}

// retryAfter reads seconds or a date; 0 is nothing that can be read.
func retryAfter(text string, now time.Time) time.Duration {
	var wait time.Duration
	if seconds, err := strconv.ParseInt(text, 10, 32); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), mostRetryAfter)
}

// unanswered says why no answer came. What the error of the client says of the
// address is left out: it may hold what only the receiver's owner should see.
func (c *Caller) unanswered(err error) Outcome {
	if of := (*url.Error)(nil); errors.As(err, &of) {
		err = of.Err
	}
	var refused addressError
	var untrustedBy *tls.CertificateVerificationError
	var unknownAuthority x509.UnknownAuthorityError
	var noTLS tls.RecordHeaderError
	var late net.Error
	switch {
	case errors.As(err, &refused):
		return Outcome{Result: AddressRefused, Reason: refused.text}
	case errors.As(err, &untrustedBy), errors.As(err, &unknownAuthority), errors.As(err, &noTLS):
		return Outcome{Result: Untrusted, Reason: "its certificate is not trusted: " + shortened(err)}
	case errors.As(err, &late) && late.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return Outcome{Result: TimedOut, Reason: fmt.Sprintf("it did not answer within %s", c.timeout)}
	}
	return Outcome{Result: Unreachable, Reason: shortened(err)}
}

func shortened(err error) string {
	const most = 200
	text := err.Error()
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "..."
	}
	return text
}
