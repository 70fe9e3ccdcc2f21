package access

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"io"
	"math/big"
	"strings"
)

const (
	// tokenPrefix begins the text of every key.
	tokenPrefix = "cw_"
	// secretLength is how many letters of base 62 hold 256 bits, and
	// checkLength how many hold a CRC-32.
	secretLength, checkLength = 43, 6
	// secretBytes is how much is random.
	secretBytes = 32
)

// newToken draws the text of a new key.
func newToken(random io.Reader) (string, error) {
	var secret [secretBytes]byte
	if _, err := io.ReadFull(random, secret[:]); err != nil {
		return "", fmt.Errorf("draw an API key: %w", err)
	}
	text := tokenPrefix + base62(new(big.Int).SetBytes(secret[:]), secretLength)
	return text + checkOf(text), nil
}

// wellFormed reports whether a text can be a key: prefix, length and checksum.
func wellFormed(token string) bool {
	if len(token) != len(tokenPrefix)+secretLength+checkLength || !strings.HasPrefix(token, tokenPrefix) {
		return false
	}
	body := token[:len(token)-checkLength]
	return checkOf(body) == token[len(body):]
}

// checkOf is the CRC-32 (IEEE 802.3) of a text.
func checkOf(text string) string {
	return base62(big.NewInt(int64(crc32.ChecksumIEEE([]byte(text)))), checkLength)
}

// base62 writes a number in letters and digits, with zeros in front.
func base62(n *big.Int, length int) string {
	text := n.Text(62)
	return strings.Repeat("0", length-len(text)) + text
}

// hashOf is what is kept of a key.
func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
