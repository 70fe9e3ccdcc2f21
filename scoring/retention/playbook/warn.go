package playbook

import (
	"fmt"
	"regexp"
)

// namesOffer is what the key of a text that offers something is likely to hold.
var namesOffer = regexp.MustCompile(`(^|_)(offer|reward|discount|voucher|coupon)s?(_|$)`)

// Warnings says what of the playbooks may be meant otherwise: a template that is
// named like an offer and says none. A hotspot holds back offers by what is said,
// not by the names of templates.
func Warnings(all []Playbook) (out []string) {
	for i := range all {
		p := &all[i]
		seen := map[string]bool{}
		warn := func(steps []Step) {
			for _, s := range steps {
				for _, t := range s.Templates {
					if s.Offers(t) != "" || seen[s.Name+" "+t.Key] || !namesOffer.MatchString(t.Key) {
						continue
					}
					seen[s.Name+" "+t.Key] = true
					out = append(out, fmt.Sprintf("%s: playbook %s, step %s: template %s is named like an offer and has none, so no hotspot holds it back: give it, or the step, an offer",
						p.From, p.Name, s.Name, t.Key))
				}
			}
		}
		warn(p.Steps)
		if p.Experiment == nil {
			continue
		}
		for _, v := range p.Experiment.Variants {
			warn(p.Varied(v.Name).Steps)
		}
	}
	return out
}
