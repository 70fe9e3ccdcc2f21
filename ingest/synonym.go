package ingest

import "github.com/churnwatch/churnwatch/model"

// synonyms returns the words, in our writing, that are taken for a canonical
// column of a kind where its own name does not occur. Only words that can
// hardly mean anything else are here; the report says what was taken.
func synonyms(kind model.FactKind, column string) []string {
	switch column {
	case "customer_id":
		return []string{"customer", "customer_no", "customer_number", "cust_id", "client_id", "user_id", "account_id"}
	case "order_id":
		return []string{"order", "order_no", "order_number", "invoice_no", "invoice_number", "invoice_id"}
	case "ordered_at":
		return []string{"order_date", "ordered_on", "order_time", "order_created_at", "purchased_at", "purchase_date", "placed_at", "invoice_date"}
	case "promised_at":
		return []string{"promised_date", "promised_on", "promised_delivery_date", "estimated_delivery_date", "estimated_delivery_at", "expected_delivery_date"}
	case "delivered_at":
		return []string{"delivery_date", "delivered_on", "delivered_date"}
	case "cancelled_at":
		return []string{"canceled_at", "cancelled_on", "cancellation_date"}
	case "returned_at":
		return []string{"return_date", "returned_on"}
	case "refunded_amount":
		return []string{"refund_amount", "amount_refunded", "refund"}
	case "discount_amount":
		return []string{"discount"}
	case "signed_up_at":
		return []string{"signup_date", "sign_up_date", "signed_up_on", "registered_at", "registration_date", "customer_since"}
	case "answered_at":
		return []string{"answer_date", "responded_at", "response_date", "answered_on", "submitted_at"}
	case "comment":
		return []string{"feedback", "verbatim"}
	case "opened_at":
		if kind == model.Tickets {
			return []string{"created_at", "ticket_created_at", "open_date"}
		}
	case "resolved_at":
		return []string{"solved_at", "closed_at"}
	case "occurred_at":
		return []string{"timestamp", "event_time", "event_timestamp"}
	case "name":
		return []string{"event", "event_name", "event_type"}
	case "amount":
		return []string{"order_total", "total", "total_amount", "order_amount", "grand_total"}
	case "unit_price":
		return []string{"price"}
	case "quantity":
		return []string{"qty"}
	case "sku":
		return []string{"stock_code", "product_sku"}
	case "started_at":
		return []string{"start_date", "started_on"}
	case "ends_at":
		return []string{"end_date", "ended_at"}
	case "renews_at":
		return []string{"renewal_date"}
	}
	return nil
}
