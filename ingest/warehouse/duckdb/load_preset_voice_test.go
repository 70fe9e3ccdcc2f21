package duckdb_test

import (
	"fmt"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
)

func TestHubSpotSubmissionsBecomeAnswersOnOurScales(t *testing.T) {
	g := openGate(t)
	const export = "hs_object_id,hs_survey_id,hs_survey_name,hs_survey_type,hs_submission_timestamp,hs_value,hs_content,hs_sentiment,hs_contact_id,hs_contact_email_rollup,hs_contact_lastname,hs_ticket_id,hs_tags\n" +
		"1,77,Spring,NPS,2024-02-21T10:00:00.000Z,9,\"Fine, \"\"really\"\"\",PROMOTER,501,Ann@Example.org,Archer,,price;delivery\n" +
		"2,78,Support,CSAT,1708509600000,0,,DETRACTOR,502,,Brown,T9,\n" +
		"3,78,Support,CSAT,2024-02-21T10:00:00Z,1,,PASSIVE,501,ann@example.org,,,\n" +
		"4,78,Support,csat,2024-02-21T10:00:00Z,2.0,,PROMOTER,501,ann@example.org,,,\n" +
		"5,79,Effort,CES,2024-02-21T10:00:00Z,6,,PROMOTER,501,ann@example.org,,,\n" +
		"6,80,Own,CUSTOM,2024-02-21T10:00:00Z,4,,,501,ann@example.org,,,\n" +
		"7,81,Article,KNOWLEDGE,2024-02-21T10:00:00Z,1,,,501,ann@example.org,,,\n" +
		"8,77,Spring,NPS,2024-02-21T10:00:00Z,,dismissed,,501,ann@example.org,,,\n" +
		"9,77,Spring,NPS,2024-02-21T10:00:00Z,8,,,,,,,\n" +
		"10,78,Support,CSAT,2024-02-21T10:00:00Z,4,,,501,ann@example.org,,,\n" +
		"11,77,Spring,NPS,2024-02-21T10:00:00Z,11,,,501,ann@example.org,,,\n"
	same(t, "accounts", []string{"responses 11: 5 0 0 6 missing_value=1 no_customer=1 no_scale=3 out_of_range=1"}, g.export(t, "hubspot-feedback", "", export))
	same(t, "answers", []string{
		`1 ann@example.org 2024-02-21T10:00:00 nps 9 - - 77 Fine, "really" delivery+price`,
		"2 502 2024-02-21T10:00:00 csat 1 support T9 78 - -",
		"3 ann@example.org 2024-02-21T10:00:00 csat 3 - - 78 - -",
		"4 ann@example.org 2024-02-21T10:00:00 csat 5 - - 78 - -",
		"5 ann@example.org 2024-02-21T10:00:00 ces 6 - - 79 - -",
	}, g.rows(t, answerRows))
	same(t, "quarantine", []string{
		"responses 7 hs_survey_type no_scale", "responses 8 hs_survey_type no_scale", "responses 9 score missing_value",
		"responses 10 hs_contact_email_rollup no_customer", "responses 11 hs_value no_scale", "responses 12 score out_of_range",
	}, g.rows(t, refusedRows))
	g.twice(t, "hubspot-feedback", "", export)
	newer := strings.Replace(export, "price;delivery", "price", 1)
	same(t, "a newer export", []string{"responses 11: 0 1 4 6 missing_value=1 no_customer=1 no_scale=3 out_of_range=1"}, g.export(t, "hubspot-feedback", "", newer))
}

func TestHubSpotLabelsAreUnderstoodToo(t *testing.T) {
	g := openGate(t)
	same(t, "accounts", []string{"responses 1: 1 0 0 0"}, g.export(t, "hubspot-feedback", "America/New_York",
		"Record ID;Survey type;Survey name;Date;Rating;Response;Contact email\n1;Customer loyalty (NPS);Spring;2024-02-21 10:00;7;ok;ann@example.org\n"))
	same(t, "answers", []string{"1 ann@example.org 2024-02-21T15:00:00 nps 7 - - Spring ok -"}, g.rows(t, answerRows))
}

const zendeskTickets = "Summation column,Id,Requester,Requester id,Requester external id,Requester email,Group,Subject,Tags,Status,Priority,Created at,Updated at,Solved at,Satisfaction Score,Reopens,Replies,First reply time in minutes,First reply time in minutes within business hours,Order [txt]\n" +
	"1,901,Ann,31,,Ann@Example.org,Delivery,Where is it?,late angry,Closed,High,2024-02-21 10:00,2024-02-25 09:00,2024-02-22 12:00,Good,0,2,90,30,O1\n" +
	"1,902,Bob,32,B-7,,Billing,Invoice,,Open,,2024-02-21 11:00,2024-02-24 08:00,2024-02-23 12:00,Offered,2,1,,,\n" +
	"1,903,Cid,33,,,,Hello,,Solved,,2024-02-21 12:00,2024-02-24 08:00,2024-02-23 12:00,Bad,0,1,15,15,\n" +
	"1,904,Ann,31,,ann@example.org,Delivery,Again,closed_by_merge late,Closed,,2024-02-21 10:30,2024-02-21 10:40,2024-02-21 10:40,Unoffered,0,0,,,\n" +
	"1,905,,,,,Delivery,?,,New,,2024-02-21 10:30,2024-02-21 10:40,,Unoffered,0,0,,,\n" +
	"1,906,Dan,34,,dan@example.org,Spam,!,,Deleted,,2024-02-21 10:30,2024-02-21 10:40,,Good,0,0,,,\n" +
	"1,907,Eve,35,,eve@example.org,Delivery,4 of 5,,Solved,,2024-02-21 10:30,2024-02-22 10:30,2024-02-22 10:00,4,-1,0,,,\n" +
	"1,908,Eve,35,,eve@example.org,Delivery,4 of 5,,Solved,,2024-02-21 10:30,2024-02-22 10:30,2024-02-22 10:00,4,0,0,,,\n"

func TestZendeskTicketsBecomeTicketsAndRatings(t *testing.T) {
	g := openGate(t)
	same(t, "accounts", []string{
		"responses 4: 4 0 0 0", "tickets 8: 4 0 0 4 deleted=1 merged=1 no_customer=1 out_of_range=1",
	}, g.export(t, "zendesk-tickets", "Europe/Berlin", zendeskTickets))
	const tickets = "SELECT ticket_id, customer_id, opened_at, first_replied_at, resolved_at, reopened_count, topic, array_to_string(tags, '+') FROM tickets ORDER BY 1, revision"
	same(t, "tickets", []string{
		"901 ann@example.org 2024-02-21T09:00:00 2024-02-21T10:30:00 2024-02-22T11:00:00 0 Delivery angry+late",
		"902 B-7 2024-02-21T10:00:00 - - 2 Billing -",
		"903 33 2024-02-21T11:00:00 2024-02-21T11:15:00 2024-02-23T11:00:00 0 - -",
		"908 eve@example.org 2024-02-21T09:30:00 - 2024-02-22T09:00:00 0 Delivery -",
	}, g.rows(t, tickets))
	same(t, "ratings", []string{
		"ticket/901 ann@example.org 2024-02-22T11:00:00 csat 5 support 901 - - -",
		"ticket/903 33 2024-02-23T11:00:00 csat 1 support 903 - - -",
		"ticket/907 eve@example.org 2024-02-22T09:00:00 csat 4 support 907 - - -",
		"ticket/908 eve@example.org 2024-02-22T09:00:00 csat 4 support 908 - - -",
	}, g.rows(t, answerRows))
	same(t, "quarantine", []string{
		"tickets 5 Tags merged", "tickets 6 Requester email no_customer", "tickets 7 Status deleted", "tickets 8 reopened_count out_of_range",
	}, g.rows(t, refusedRows))
	g.twice(t, "zendesk-tickets", "Europe/Berlin", zendeskTickets)
	newer := strings.Replace(zendeskTickets, ",Open,,2024-02-21 11:00,2024-02-24 08:00,2024-02-23 12:00,Offered,2", ",Solved,,2024-02-21 11:00,2024-02-26 08:00,2024-02-26 07:00,Bad,2", 1)
	same(t, "a newer export", []string{
		"responses 5: 1 0 4 0", "tickets 8: 0 1 3 4 deleted=1 merged=1 no_customer=1 out_of_range=1",
	}, g.export(t, "zendesk-tickets", "Europe/Berlin", newer))
}

// A change of many tickets at once, such as a new tag, gives no old rating a new day,
// and no rating is known before it can have been given.
func TestALaterChangeOfATicketDoesNotRedateItsRating(t *testing.T) {
	const head = "ID,Requester Email,Created At,Updated At,Solved At,Status,Satisfaction Score,Tags\n"
	const known = "SELECT score, answered_at FROM responses_known(TIMESTAMP '%s') ORDER BY 1"
	g := openGate(t)
	g.export(t, "zendesk-tickets", "", head+"1,a@b.example,2024-01-01 10:00,2024-01-05 10:00,2024-01-03 10:00,Solved,Bad,\n")
	g.export(t, "zendesk-tickets", "", head+"1,a@b.example,2024-01-01 10:00,2024-11-20 10:00,2024-01-03 10:00,Solved,Bad,bulk\n")
	want := []string{"1 2024-01-03T10:00:00"}
	same(t, "between solved and rated", []string{}, g.rows(t, fmt.Sprintf(known, "2024-01-05 00:00:00")))
	same(t, "in January", want, g.rows(t, fmt.Sprintf(known, "2024-01-31 00:00:00")))
	same(t, "in December", want, g.rows(t, fmt.Sprintf(known, "2024-12-01 00:00:00")))
}

func TestZendeskSpellsItsColumnsInSeveralWays(t *testing.T) {
	for _, column := range []string{"First reply time (in minutes)", "First reply time (min)", "first reply time in minutes"} {
		g := openGate(t)
		g.export(t, "zendesk-tickets", "", "ID,Requester Email,Created At,Status,"+column+"\n1,ann@example.org,2024-02-21 10:00,Open,30\n")
		same(t, column, []string{"2024-02-21T10:30:00"}, g.rows(t, "SELECT first_replied_at FROM tickets"))
	}
}

func TestDelightedResponsesBecomeAnswersOnOurScales(t *testing.T) {
	g := openGate(t)
	const answers = `{"id":"1","person":"p1","survey_type":"nps","score":10,"comment":"Fine","created_at":1704448800,"updated_at":1704448800,"person_properties":{"Delighted Source":"Email"},"tags":["vip","web"],"notes":[]}
{"id":"2","person":{"id":"p2","email":"Bob@Example.org","name":"Bob"},"survey_type":"csat","score":4,"comment":null,"created_at":1704448801,"tags":[]}
{"id":"3","person":{"id":"p3","email":null},"survey_type":"csat3","score":2,"comment":"","created_at":1704448802,"tags":[]}
{"id":"4","person":"p1","survey_type":"thumbs","score":0,"created_at":1704448803,"tags":[]}
{"id":"5","person":"p1","survey_type":"ces","score":5,"created_at":1704448804,"tags":[]}
{"id":"6","person":"p1","survey_type":"ces7","score":5,"created_at":1704448805,"tags":[]}
{"id":"7","person":"p1","survey_type":"smileys","score":2,"created_at":1704448806,"tags":[]}
{"id":"8","person":"p1","survey_type":"pmf","score":3,"created_at":1704448807,"tags":[]}
{"id":"9","person":null,"survey_type":"nps","score":3,"created_at":1704448808,"tags":[]}
{"id":"10","person":"p1","survey_type":"csat3","score":5,"created_at":"soon","tags":[]}
`
	same(t, "accounts", []string{"responses 10: 7 0 0 3 no_customer=1 no_scale=1 not_a_time=1"}, g.export(t, "delighted-responses", "", answers))
	same(t, "answers", []string{
		"1 p1 2024-01-05T10:00:00 nps 10 - - - Fine vip+web",
		"2 bob@example.org 2024-01-05T10:00:01 csat 4 - - - - ",
		"3 p3 2024-01-05T10:00:02 csat 3 - - - - ",
		"4 p1 2024-01-05T10:00:03 csat 1 - - - - ",
		"5 p1 2024-01-05T10:00:04 ces 7 - - - - ",
		"6 p1 2024-01-05T10:00:05 ces 5 - - - - ",
		"7 p1 2024-01-05T10:00:06 rating 2 - - - - ",
	}, g.rows(t, answerRows))
	g.twice(t, "delighted-responses", "", answers)
	same(t, "a newer export", []string{"responses 10: 0 1 6 3 no_customer=1 no_scale=1 not_a_time=1"},
		g.export(t, "delighted-responses", "", strings.Replace(answers, "Fine", "Fine indeed", 1)))
}

func TestDelightedColumnsAreGuessedFromAFile(t *testing.T) {
	g := openGate(t)
	const export = "Score,Comment,Person Name,Person Email,Created,Delighted Source\n9,Good,Ann,Ann@Example.org,2024-02-21 10:00:00 UTC,Email\n3,,Bob,bob@example.org,2024-02-22 10:00:00 UTC,Web\n"
	same(t, "accounts", []string{"responses 2: 2 0 0 0"}, g.export(t, "delighted-responses", "", export))
	same(t, "answers", []string{
		"ann@example.org/2024-02-21 10:00:00 UTC ann@example.org 2024-02-21T10:00:00 nps 9 - - - Good -",
		"bob@example.org/2024-02-22 10:00:00 UTC bob@example.org 2024-02-22T10:00:00 nps 3 - - - - -",
	}, g.rows(t, answerRows))
	g.twice(t, "delighted-responses", "", export)
}

func TestSegmentCallsBecomeEventsOfKnownCustomers(t *testing.T) {
	g := openGate(t)
	const calls = `{"messageId":"m1","type":"track","userId":"u1","anonymousId":"a1","event":"Product Viewed","timestamp":"2024-02-21T10:00:00.000Z","sentAt":"2024-02-21T10:00:01.000Z","context":{"ip":"1.2.3.4","sessionId":77},"properties":{"sku":"TEA","price":5}}
{"messageId":"m1","type":"track","userId":"u1","anonymousId":"a1","event":"Product Viewed","timestamp":"2024-02-21T10:00:00.000Z","sentAt":"2024-02-21T10:00:09.000Z","context":{"ip":"1.2.3.4","sessionId":77},"properties":{"sku":"TEA","price":5}}
{"messageId":"m2","type":"track","userId":null,"anonymousId":"a2","event":"Product Viewed","timestamp":"2024-02-21T10:00:00.000Z","properties":{}}
{"messageId":"m3","type":"page","userId":"u1","timestamp":"2024-02-21T12:00:00+02:00","properties":{"title":"Home"}}
{"messageId":"m4","type":"identify","userId":"u1","timestamp":"2024-02-21T10:00:00Z","traits":{"email":"ann@example.org"}}
{"messageId":"m5","type":"track","userId":"u1","event":"Order Completed","timestamp":"2024-02-21T10:05:00Z","properties":{"order_id":"o1","revenue":"1,039.50","products":[{"sku":"TEA"}]}}
{"messageId":"m6","type":"track","userId":"u1","event":"Email Unsubscribed","timestamp":"2024-02-21T10:06:00Z","properties":null}
{"messageId":"m7","type":"group","userId":"u1","timestamp":"2024-02-21T10:00:00Z"}
{"messageId":"m8","type":"track","userId":"u1","event":"Login","timestamp":"tomorrow"}
`
	same(t, "accounts", []string{"events 9: 4 0 1 4 no_customer=1 not_a_time=1 not_an_event=2"}, g.export(t, "segment-events", "", calls))
	const rows = "SELECT event_id, customer_id, occurred_at, name, value, sku, session_id FROM events ORDER BY 1"
	same(t, "events", []string{
		"m1 u1 2024-02-21T10:00:00 product_view - TEA 77", "m3 u1 2024-02-21T10:00:00 visit - - -",
		"m5 u1 2024-02-21T10:05:00 order_completed 1039.5 - -", "m6 u1 2024-02-21T10:06:00 unsubscribe - - -",
	}, g.rows(t, rows))
	same(t, "quarantine", []string{
		"events 3 userId no_customer", "events 5 type not_an_event", "events 8 type not_an_event", "events 9 occurred_at not_a_time",
	}, g.rows(t, refusedRows))
	refusals, err := g.store.Refusals(t.Context(), 20)
	if err != nil {
		t.Fatal(err)
	}
	want := []model.RefusedShare{{Kind: model.Events, Read: 6, Refused: 1, Newest: "export", NewestLoads: 1, NewestRead: 6, NewestRefused: 1, FrequentReason: model.NotATime}}
	if diff := gocmp.Diff(want, refusals); diff != "" {
		t.Errorf("what a check of the data counts: calls that are no events of customers are no fault of theirs (-want +got):\n%s", diff)
	}
	g.twice(t, "segment-events", "", calls)
}

func TestSegmentTablesOfAWarehouseAreUnderstood(t *testing.T) {
	g := openGate(t)
	const table = "id,user_id,event,event_text,timestamp,received_at,context_ip,sku,value\ne1,u1,product_added,Product Added,2024-02-21 10:00:00 UTC,2024-02-21 10:00:02 UTC,1.2.3.4,TEA,5\n"
	same(t, "accounts", []string{"events 1: 1 0 0 0"}, g.export(t, "segment-events", "", table))
	same(t, "events", []string{"e1 u1 2024-02-21T10:00:00 cart_add 5 TEA"}, g.rows(t, "SELECT event_id, customer_id, occurred_at, name, value, sku FROM events"))
	g.twice(t, "segment-events", "", table)
}
