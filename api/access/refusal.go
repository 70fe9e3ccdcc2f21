package access

import "github.com/churnwatch/churnwatch/model"

// The codes of refusals, which stay as they are.
const (
	CodeNoKey        = "unauthenticated"
	CodeWrongKey     = "key_unknown"
	CodeExpiredKey   = "key_expired"
	CodeRevokedKey   = "key_revoked"
	CodeMissingScope = "scope_missing"
)

// RefusalError is why a caller may not do what it asked for.
type RefusalError struct {
	Code string
	Text string
	// Needs is the scope that is missing, "" where the key itself is.
	Needs model.Scope
}

// Error returns the text.
func (r *RefusalError) Error() string { return r.Text }

// Check refuses a key without a scope.
func Check(key model.APIKey, needed model.Scope) error {
	if key.Allows(needed) {
		return nil
	}
	return &RefusalError{Code: CodeMissingScope, Needs: needed, Text: "the API key has not the scope " + string(needed)}
}
