package model_test

import (
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/churnwatch/churnwatch/model"
)

func definitions() []model.DefinitionKind {
	return []model.DefinitionKind{model.Inactivity, model.Cancellation}
}

func TestEveryFeatureHasANameOfItsOwnAndAPhraseForPeople(t *testing.T) {
	name := regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	for _, definition := range definitions() {
		seen := map[string]bool{}
		for _, f := range model.Catalogue(definition) {
			if !name.MatchString(f.Name) || seen[f.Name] {
				t.Errorf("%s: %q is no name, or is there twice", definition, f.Name)
			}
			seen[f.Name] = true
			if f.Label == "" || f.Family == "" || (f.Unit == "") != f.Levels {
				t.Errorf("%s: %s has label %q, family %q, unit %q", definition, f.Name, f.Label, f.Family, f.Unit)
			}
		}
	}
}

func TestDerivedFeaturesAreMadeFromMeasuredOnes(t *testing.T) {
	for _, definition := range definitions() {
		for _, f := range model.Catalogue(definition) {
			for _, name := range f.Of {
				of, ok := model.FeatureOf(definition, name)
				if !ok || of.Of != nil {
					t.Errorf("%s: %s is made from %s", definition, f.Name, name)
				}
			}
			if derived := f.Source == model.FromFeatures; derived != (len(f.Of) == 2) {
				t.Errorf("%s: %s has source %s and is made of %v", definition, f.Name, f.Source, f.Of)
			}
		}
	}
}

func TestThePredictorsTermsAreFewEnoughToRead(t *testing.T) {
	for _, definition := range definitions() {
		terms := slices.DeleteFunc(model.Catalogue(definition), func(f model.Feature) bool { return f.Internal })
		if len(terms) < 35 || len(terms) > 70 {
			t.Errorf("%s has %d terms", definition, len(terms))
		}
		t.Log(definition, len(terms))
	}
}

func TestAnUnknownFeatureIsNotFound(t *testing.T) {
	if f, ok := model.FeatureOf(model.Inactivity, "days_to_renewal"); ok {
		t.Errorf("inactivity has %v", f)
	}
	if _, ok := model.FeatureOf(model.Cancellation, "days_to_renewal"); !ok {
		t.Error("cancellation has no days to renewal")
	}
}

func ExampleFeatureOf() {
	f, ok := model.FeatureOf(model.Inactivity, "late_delivery_90d")
	fmt.Println(ok, f.Label, f.Unit)
	// Output: true late deliveries in the last 90 days incidents
}

func ExampleCatalogue() {
	for _, f := range model.Catalogue(model.Inactivity) {
		if f.Family == model.Support {
			fmt.Println(f.Name, "-", f.Label)
		}
	}
	// Output:
	// open_tickets - tickets still open
	// reply_hours_mean - hours to the first reply in the last 180 days
}
