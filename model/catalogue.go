package model

import "slices"

// Catalogue returns the features of a churn definition, in the order in which
// panels and predictors hold them. Every entry is data: the engine renders its
// SQL from it, the explanation prints its label.
//
// Windows are in days before the cutoff. Lifetime counts are left out, because
// the start of the data censors them; ages and rates reach back to the
// lookback of the definition. A feature whose source the database lacks comes
// out constant or missing everywhere.
func Catalogue(definition DefinitionKind) []Feature {
	all := slices.Concat(
		rhythmFeatures(), moneyFeatures(), declineFeatures(), satisfactionFeatures(), painFeatures(),
		driftFeatures(), supportFeatures(), behaviourFeatures(), contractFeatures(), profileFeatures(),
	)
	return slices.DeleteFunc(all, func(f Feature) bool {
		return f.Definition != "" && f.Definition != definition
	})
}

// FeatureOf returns the catalogue's entry of that name, and false where the
// definition has none.
func FeatureOf(definition DefinitionKind, name string) (Feature, bool) {
	all := Catalogue(definition)
	i := slices.IndexFunc(all, func(f Feature) bool { return f.Name == name })
	if i < 0 {
		return Feature{}, false
	}
	return all[i], true
}

// rhythmFeatures say how often and how lately somebody orders.
func rhythmFeatures() []Feature {
	return []Feature{
		orders("recency_days", "days since the last order", "days", DaysSinceLast, 0),
		orders("tenure_days", "days since the first order of the lookback", "days", DaysSinceFirst, 0),
		counted(orders("orders_30d", "orders in the last 30 days", "orders", Count, 30)),
		internal(counted(orders("orders_60d", "orders in the last 60 days", "orders", Count, 60))),
		counted(orders("orders_90d", "orders in the last 90 days", "orders", Count, 90)),
		internal(counted(orders("orders_365d", "orders in the last 365 days", "orders", Count, 365))),
		counted(measured(orders("order_days_365d", "days with an order in the last 365 days", "days", Distinct, 365), "day")),
		orders("gap_mean_days", "usual days between orders", "days", GapMean, 0),
		orders("gap_last_days", "days between the last two orders", "days", GapLast, 0),
		derived("recency_to_gap", "days since the last order against the usual gap", "times", Rhythm, Ratio, 1, "recency_days", "gap_mean_days"),
		derived("order_rate", "orders per day since the first order", "orders per day", Rhythm, Ratio, 1, "orders_365d", "tenure_days"),
		computed("p_alive", "chance of still being active, by the rhythm of all orders", "probability", Rhythm, FromPurchases, "p_alive"),
		internal(computed("p_no_order", "chance of no order in the horizon, by the rhythm of all orders", "probability", Rhythm, FromPurchases, "p_no_order")),
		computed("no_order_log_odds", "no order in the horizon, by the rhythm of all orders", "log-odds", Rhythm, FromPurchases, "no_order_log_odds"),
		computed("expected_orders_horizon", "orders expected in the horizon, by the rhythm of all orders", "orders", Rhythm, FromPurchases, "expected_orders"),
	}
}

// moneyFeatures say what somebody spends.
func moneyFeatures() []Feature {
	spend := func(name, label string, a Aggregate, window int) Feature {
		f := measured(orders(name, label, "money", a, window), "amount")
		f.Family = Value
		return f
	}
	item := func(name, label, unit string, a Aggregate, measure string) Feature {
		return Feature{
			Name: name, Label: label, Unit: unit, Family: Value, Source: FromItems,
			Aggregate: a, Measure: measure, Window: 365,
		}
	}
	discount := internal(measured(spend("discounts_365d", "discounts in the last 365 days", Sum, 365), "discount_amount"))
	return []Feature{
		internal(counted(spend("spend_60d", "spend in the last 60 days", Sum, 60))),
		counted(spend("spend_90d", "spend in the last 90 days", Sum, 90)),
		counted(spend("spend_365d", "spend in the last 365 days", Sum, 365)),
		spend("order_value_mean", "average order value in the last 365 days", Mean, 365),
		spend("order_value_last", "value of the last order", Last, 0),
		counted(discount),
		derived("discount_share_365d", "share of discounts in the spend of the last 365 days", "share", Value, Ratio, 0.01, "discounts_365d", "spend_365d"),
		internal(counted(item("lines_365d", "order lines in the last 365 days", "lines", Count, ""))),
		derived("lines_per_order", "lines per order in the last 365 days", "lines", Value, Ratio, 1, "lines_365d", "orders_365d"),
		item("skus_365d", "different articles in the last 365 days", "articles", Distinct, "sku"),
		item("unit_price_mean", "average article price in the last 365 days", "money", Mean, "unit_price"),
	}
}

// declineFeatures compare a span with the one before it, against the shop's
// own movement.
func declineFeatures() []Feature {
	before := func(name, label, measure string, window int) Feature {
		f := orders(name, label, "orders", Count, window)
		if measure != "" {
			f = measured(orders(name, label, "money", Sum, window), measure)
		}
		f.Offset = window
		return internal(counted(f))
	}
	return []Feature{
		before("orders_60d_before", "orders in the 60 days before the last 60", "", 60),
		before("orders_90d_before", "orders in the 90 days before the last 90", "", 90),
		before("spend_60d_before", "spend in the 60 days before the last 60", "amount", 60),
		derived("orders_change_60d", "orders of the last 60 days against the 60 before, relative to the shop", "log ratio", Decline, RelativeChange, 1, "orders_60d", "orders_60d_before"),
		derived("spend_change_60d", "spend of the last 60 days against the 60 before, relative to the shop", "log ratio", Decline, RelativeChange, 1, "spend_60d", "spend_60d_before"),
		derived("orders_change_90d", "orders of the last 90 days against the 90 before, relative to the shop", "log ratio", Decline, RelativeChange, 1, "orders_90d", "orders_90d_before"),
	}
}

// satisfactionFeatures say what somebody answered, and whether he still does.
func satisfactionFeatures() []Feature {
	answers := func(name, label, unit string, a Aggregate) Feature {
		return Feature{
			Name: name, Label: label, Unit: unit, Family: Satisfaction, Source: FromResponses,
			Aggregate: a, Measure: "points", Window: 365,
		}
	}
	count := answers("answers_365d", "answers to surveys in the last 365 days", "answers", Count)
	return []Feature{
		computed("satisfaction_index", "satisfaction index", "points", Satisfaction, FromSatisfaction, "index"),
		answers("satisfaction_last", "points of the last answer", "points", Last),
		internal(answers("satisfaction_mean", "mean points of the last 365 days", "points", Mean)),
		derived("satisfaction_change", "last answer against the year's mean", "points", Satisfaction, Difference, 0, "satisfaction_last", "satisfaction_mean"),
		answers("days_since_answer", "days since the last answer", "days", DaysSinceLast),
		counted(count),
	}
}

// painFeatures count each pain point's incidents.
func painFeatures() []Feature {
	pain := func(name, label string) Feature {
		return counted(Feature{
			Name: name + "_90d", Label: label + " in the last 90 days", Unit: "incidents", Family: Pain,
			Source: FromIncidents, Aggregate: Count, Only: name, Window: 90,
		})
	}
	returns := counted(Feature{
		Name: "returned_365d", Label: "returns in the last 365 days", Unit: "incidents", Family: Pain,
		Source: FromIncidents, Aggregate: Count, Only: "returned", Window: 365,
	})
	return []Feature{
		pain("late_delivery", "late deliveries"),
		pain("not_delivered", "orders that never came"),
		pain("cancelled_by_shop", "cancelled orders"),
		pain("misfit", "misfits and wrong articles sent back"),
		pain("returned", "other returns"),
		pain("refund", "refunds"),
		pain("slow_first_reply", "slow first replies"),
		pain("unresolved_ticket", "tickets open for too long"),
		pain("reopened_ticket", "reopened tickets"),
		pain("negative_sentiment", "conversations in a bad mood"),
		pain("payment_failed", "failed payments"),
		pain("cart_abandon", "abandoned carts"),
		pain("complaint_delivery", "complaints about delivery"),
		pain("complaint_features", "complaints about missing features"),
		pain("complaint_fit", "complaints about fit or description"),
		pain("complaint_pricing", "complaints about prices and bills"),
		pain("complaint_quality", "complaints about quality"),
		pain("complaint_support", "complaints about support"),
		pain("complaint_usability", "complaints about usability"),
		internal(returns),
		derived("return_share_365d", "returns per order in the last 365 days", "share", Pain, Ratio, 1, "returned_365d", "orders_365d"),
	}
}

// driftFeatures are declines of the last two cycles.
func driftFeatures() []Feature {
	state := internal(computed("drift_state", "state of the last two cycles", "", Drift, FromDrift, "state"))
	state.Levels = true
	return []Feature{
		computed("order_drift", "orders of the last two cycles against expectation", "standard deviations", Drift, FromDrift, "combined"),
		internal(computed("order_drift_first", "orders of the cycle before the last against expectation", "standard deviations", Drift, FromDrift, "first")),
		internal(computed("order_drift_second", "orders of the last cycle against expectation", "standard deviations", Drift, FromDrift, "second")),
		internal(computed("expected_orders", "orders expected in the last two cycles", "orders", Drift, FromDrift, "expected")),
		internal(computed("rhythm_drift", "pauses between the last orders against the own rhythm", "standard deviations", Drift, FromDrift, "rhythm")),
		computed("satisfaction_drift", "satisfaction of the last two cycles against the own level", "standard deviations", Drift, FromDrift, "satisfaction"),
		state,
	}
}

// supportFeatures say how somebody is looked after.
func supportFeatures() []Feature {
	tickets := func(name, label, unit string, a Aggregate, window int) Feature {
		return Feature{Name: name, Label: label, Unit: unit, Family: Support, Source: FromTickets, Aggregate: a, Window: window}
	}
	open := tickets("open_tickets", "tickets still open", "tickets", Count, 365)
	open.Only = "open"
	return []Feature{
		counted(open),
		measured(tickets("reply_hours_mean", "hours to the first reply in the last 180 days", "hours", Mean, 180), "reply_hours"),
	}
}

// behaviourFeatures say what somebody does beside ordering.
func behaviourFeatures() []Feature {
	event := func(name, label, unit, only string, a Aggregate, window int) Feature {
		return Feature{
			Name: name, Label: label, Unit: unit, Family: Behaviour, Source: FromEvents,
			Aggregate: a, Only: only, Window: window,
		}
	}
	uses := counted(event("feature_uses_30d", "uses of features in the last 30 days", "events", "feature_use", Count, 30))
	logins := counted(event("logins_30d", "logins in the last 30 days", "logins", "login", Count, 30))
	uses.Definition, logins.Definition = Cancellation, Cancellation
	return []Feature{
		counted(event("visits_30d", "visits in the last 30 days", "visits", "visit", Count, 30)),
		event("days_since_visit", "days since the last visit", "days", "visit", DaysSinceLast, 365),
		counted(event("carts_30d", "articles put into the cart in the last 30 days", "events", "cart_add", Count, 30)),
		counted(event("unsubscribes_365d", "unsubscribes in the last 365 days", "events", "unsubscribe", Count, 365)),
		uses,
		logins,
	}
}

// contractFeatures describe the running contracts; they exist for the
// definition by cancellation alone.
func contractFeatures() []Feature {
	contract := func(name, label, unit, column string) Feature {
		f := computed(name, label, unit, Profile, FromContracts, column)
		f.Definition = Cancellation
		return f
	}
	term := contract("contract_term", "contract term", "", "term")
	term.Levels = true
	return []Feature{
		contract("days_to_renewal", "days to the next renewal", "days", "days_to_renewal"),
		contract("contract_age_days", "days since the oldest running contract began", "days", "age_days"),
		contract("contract_price", "price of the running contracts", "money", "price"),
		contract("running_contracts", "running contracts", "contracts", "running"),
		term,
	}
}

// profileFeatures say who somebody is.
func profileFeatures() []Feature {
	word := func(name, label string) Feature {
		f := computed(name, label, "", Profile, FromProfile, name)
		f.Levels = true
		return f
	}
	return []Feature{
		word("channel", "sales channel"),
		word("region", "region"),
		word("tier", "tier"),
		word("plan", "plan"),
	}
}

func orders(name, label, unit string, a Aggregate, window int) Feature {
	return Feature{Name: name, Label: label, Unit: unit, Family: Rhythm, Source: FromOrders, Aggregate: a, Window: window}
}

func computed(name, label, unit string, family Family, source Source, column string) Feature {
	return Feature{Name: name, Label: label, Unit: unit, Family: family, Source: source, Aggregate: ColumnOf, Measure: column}
}

func derived(name, label, unit string, family Family, a Aggregate, floor float64, of ...string) Feature {
	return Feature{Name: name, Label: label, Unit: unit, Family: family, Source: FromFeatures, Aggregate: a, Floor: floor, Of: of}
}

func measured(f Feature, measure string) Feature {
	f.Measure = measure
	return f
}

func counted(f Feature) Feature {
	f.MissingIsZero = true
	return f
}

func internal(f Feature) Feature {
	f.Internal = true
	return f
}
