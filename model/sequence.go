package model

import "strconv"

// String returns the number in decimal.
func (s Sequence) String() string { return strconv.FormatUint(uint64(s), 10) }

func parseSequence(text string) (Sequence, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, Errorf(KindInvalid, "sequence %q is not a whole number", text)
	}
	return Sequence(n), nil
}
