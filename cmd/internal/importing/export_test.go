package importing

// Hold lets bundles fill until it is released.
func (i *Intake) Hold() (release func()) {
	i.turn <- struct{}{}
	return func() { <-i.turn }
}

// Waiting is how many requests wait in bundles.
func (i *Intake) Waiting() (n int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, b := range i.open {
		n += len(b.requests)
	}
	return n
}
