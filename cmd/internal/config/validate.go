package config

// Validate checks every value and the relations between them. It returns nil
// or [FaultsError], with all that is wrong, in the order of [Example].
func (c Config) Validate() error {
	if faults := c.faults(); len(faults) > 0 {
		return faults
	}
	return nil
}

func (c Config) faults() (faults FaultsError) {
	for _, s := range settings {
		if allowed := s.check(c); allowed != "" {
			faults = append(faults, Fault{Path: s.path, Problem: problem(s.text(c), allowed)})
		}
	}
	for _, r := range relations {
		s, _ := settingAt(r.path)
		if allowed := r.check(c); allowed != "" {
			faults = append(faults, Fault{Path: r.path, Problem: problem(s.text(c), allowed)})
		}
	}
	return faults
}
