package model

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
)

// Holdout says which customers get no retention, so that what the others gain
// can be measured. Who is in it follows from the salt and the id alone; a larger
// share only adds to it.
type Holdout struct {
	Salt  string  `json:"salt"`
	Share float64 `json:"share"`
}

// Below returns the bound in hexadecimal: a customer is held out when the first
// eight digits of SHA-256 over salt, 0x1F and id are less. "" holds out nobody.
func (h Holdout) Below() string {
	if !(h.Share > 0) {
		return ""
	}
	return fmt.Sprintf("%08x", uint32(math.Min(h.Share, 1)*math.MaxUint32))
}

// Holds reports whether the customer is held out.
func (h Holdout) Holds(customer string) bool {
	sum := sha256.Sum256([]byte(h.Salt + "\x1f" + customer))
	return hex.EncodeToString(sum[:4]) < h.Below()
}
