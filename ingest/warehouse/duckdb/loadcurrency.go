package duckdb

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/churnwatch/churnwatch/model"
)

// currencyAdvice says what to do about an order in another currency.
const currencyAdvice = "set currency in the configuration if it is not the shop's, else convert the amounts"

// inOneCurrency returns the recipe whose kinds refuse rows in another currency,
// and with them what is derived from such rows. Rows that do not say are in the
// given one; an empty one takes all.
func inOneCurrency(r model.Recipe, currency string) model.Recipe {
	if currency == "" {
		return r
	}
	r.Kinds = slices.Clone(r.Kinds)
	for i, k := range r.Kinds {
		of := k.Currency
		if at := slices.IndexFunc(k.Columns, func(c model.NamedExpression) bool { return c.Name == "currency" }); at >= 0 {
			of = &k.Columns[at].Value
		}
		if of == nil || len(k.By) > 0 {
			continue
		}
		r.Kinds[i].Refuse = append(slices.Clone(k.Refuse), model.Refusal{
			When:   model.Expression{Op: model.AllOf, Args: []model.Expression{{Op: model.Present, Args: []model.Expression{*of}}, unlike(*of, currency)}},
			Column: "currency", Reason: model.OtherCurrency, Detail: fmt.Sprintf("its order is not in %s: %s", currency, currencyAdvice),
		})
	}
	return r
}

// unlike holds where a value is not the given currency.
func unlike(value model.Expression, currency string) model.Expression {
	code := model.Expression{Op: model.Trim, Args: []model.Expression{{Op: model.Upper, Args: []model.Expression{value}}}}
	same := model.Expression{Op: model.Equals, Args: []model.Expression{code, {Op: model.Constant, Text: currency}}}
	return model.Expression{Op: model.Not, Args: []model.Expression{same}}
}

// currencyWarnings say which currencies were refused in files. Who sends rows over
// the wire hears it of each.
func (l *loading) currencyWarnings(k *kindLoad) []string {
	if len(k.currencies) == 0 || l.spec.KnownOnArrival {
		return nil
	}
	codes := slices.SortedFunc(maps.Keys(k.currencies), func(a, b string) int {
		if k.currencies[a] != k.currencies[b] {
			return int(k.currencies[b] - k.currencies[a])
		}
		return strings.Compare(a, b)
	})
	var counts []string
	for _, code := range codes[:min(len(codes), 5)] {
		counts = append(counts, fmt.Sprintf("%d in %s", k.currencies[code], code))
	}
	return []string{fmt.Sprintf("%[1]s were refused since amounts are counted in %[2]s: %[3]s. If the shop's currency is %[4]s, set currency: %[4]s "+
		"(or CHURNWATCH_CURRENCY=%[4]s) and import again; else convert the amounts", k.kind, l.spec.Currency, strings.Join(counts, ", "), codes[0])}
}
