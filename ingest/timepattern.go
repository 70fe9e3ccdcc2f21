package ingest

import (
	"strings"

	"github.com/churnwatch/churnwatch/model"
)

// timePattern returns a strptime pattern for a form of times: a pattern is
// taken as it is, letters (DD/MM/YYYY HH:MM:SS) are translated. Months and
// minutes share their letters; MM after HH is minutes.
func timePattern(form string) (string, error) {
	if strings.Contains(form, "%") {
		if strings.Contains(form, "%z") || strings.Contains(form, "%Z") {
			return "", model.Errorf(model.KindInvalid, "date format %q: times with an offset need no format; leave %%z and %%Z out", form)
		}
		return form, nil
	}
	pattern, hours := form, ""
	if at := strings.IndexAny(form, "Hh"); at >= 0 {
		pattern, hours = form[:at], form[at:]
	}
	for _, pair := range [][2]string{{"YYYY", "%Y"}, {"yyyy", "%Y"}, {"YY", "%y"}, {"yy", "%y"}, {"MMM", "%b"}, {"MM", "%m"}, {"DD", "%d"}, {"dd", "%d"}} {
		pattern = strings.Replace(pattern, pair[0], pair[1], 1)
	}
	clock := "%H"
	if strings.ContainsAny(hours, "Aa") {
		clock = "%I"
	}
	for _, pair := range [][2]string{{"HH", clock}, {"hh", clock}, {"MM", "%M"}, {"mm", "%M"}, {"SS", "%S"}, {"ss", "%S"}, {"AM", "%p"}, {"am", "%p"}} {
		hours = strings.Replace(hours, pair[0], pair[1], 1)
	}
	if pattern += hours; !strings.Contains(pattern, "%") {
		return "", model.Errorf(model.KindInvalid, "date format %q: want a form such as DD/MM/YYYY HH:MM or %%d/%%m/%%Y", form)
	}
	return pattern, nil
}
