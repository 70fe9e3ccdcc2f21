package guard

import "time"

// Zones are time zones by name, read once each.
type Zones map[string]*time.Location

// Of returns the zone of the name, or the shop's where there is none or nobody
// knows it.
func (z Zones) Of(name string, shop *time.Location) *time.Location {
	if name == "" {
		return shop
	}
	zone, ok := z[name]
	if !ok {
		var err error
		if zone, err = time.LoadLocation(name); err != nil {
			zone = shop
		}
		z[name] = zone
	}
	return zone
}
