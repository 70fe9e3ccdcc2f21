package model

// ReadyCheck is one thing that must hold before a server is sent requests.
type ReadyCheck struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	// Detail says how it stands, in words that may leave the program.
	Detail string `json:"detail"`
}
