package api

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"

	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/model"
)

// Customers hands out and removes what is held on one customer.
type Customers interface {
	// ExportCustomer returns everything, KindNotFound where nothing is held.
	ExportCustomer(ctx context.Context, customer string) (model.CustomerExport, error)
	// EraseCustomer removes everything, for good.
	EraseCustomer(ctx context.Context, customer string) (model.Erasure, error)
}

// customerService implements churnwatch.v1.CustomerService.
type customerService struct {
	churnwatchv1.UnimplementedCustomerServiceServer

	customers Customers
	erased    Erased
	changes   *changes
}

// ExportCustomer returns all that is held on a customer.
func (s *customerService) ExportCustomer(ctx context.Context, r *churnwatchv1.ExportCustomerRequest) (*churnwatchv1.CustomerExport, error) {
	if r.GetCustomerId() == "" {
		return nil, model.Errorf(model.KindInvalid, "customer_id is missing")
	}
	export, err := s.customers.ExportCustomer(ctx, r.GetCustomerId())
	if err != nil {
		return nil, err
	}
	tables := make(map[string]*structpb.Value, len(export.Tables))
	for name, rows := range export.Tables {
		if tables[name], err = rowsOut(rows); err != nil {
			return nil, err
		}
	}
	out := &churnwatchv1.CustomerExport{
		CustomerId: &export.CustomerID, ExportedAt: timestamppb.New(export.ExportedAt), Tables: &structpb.Struct{Fields: tables},
	}
	if export.Explanation != nil {
		out.Explanation, err = explanationOut(*export.Explanation)
	}
	return out, err
}

// EraseCustomer removes all that is held on a customer. It goes on to its end
// whoever goes away: half of it would be worse than a client that asks again.
func (s *customerService) EraseCustomer(ctx context.Context, r *churnwatchv1.EraseCustomerRequest) (*churnwatchv1.Erasure, error) {
	if r.GetCustomerId() == "" {
		return nil, model.Errorf(model.KindInvalid, "customer_id is missing")
	}
	receipt, err := s.customers.EraseCustomer(context.WithoutCancel(ctx), r.GetCustomerId())
	if err != nil {
		return nil, err
	}
	out := &churnwatchv1.Erasure{Subject: &receipt.Subject, ErasedAt: timestamppb.New(receipt.ErasedAt), Compacted: &receipt.Compacted}
	for _, t := range receipt.Tables {
		out.Tables = append(out.Tables, &churnwatchv1.ErasedRows{Table: &t.Table, Rows: new(int32(t.Rows)), Blanked: &t.Blanked})
	}
	for _, b := range receipt.Backups {
		out.Backups = append(out.Backups, &churnwatchv1.Backup{Path: &b.Path, MadeAt: timestamppb.New(b.MadeAt)})
	}
	return out, nil
}

// rowsOut converts rows that are JSON objects into a list of such.
func rowsOut(rows []json.RawMessage) (*structpb.Value, error) {
	values := make([]any, len(rows))
	for i, row := range rows {
		decoder := json.NewDecoder(bytes.NewReader(row))
		decoder.UseNumber()
		if err := decoder.Decode(&values[i]); err != nil {
			return nil, err
		}
		values[i] = plainNumbers(values[i])
	}
	return structpb.NewValue(values)
}

// plainNumbers turns numbers into those of JavaScript, and whole ones that do
// not fit into texts.
func plainNumbers(value any) any {
	const largest = 1 << 53
	switch v := value.(type) {
	case json.Number:
		if n, err := strconv.ParseInt(v.String(), 10, 64); err == nil && -largest <= n && n <= largest {
			return float64(n)
		} else if f, err := v.Float64(); err == nil && bytes.ContainsAny([]byte(v), ".eE") {
			return f
		}
		return v.String()
	case []any:
		for i := range v {
			v[i] = plainNumbers(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = plainNumbers(v[name])
		}
	}
	return value
}
