package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"tidings.dev/contract/generated"
)

func client(token string) *generated.ClientWithResponses {
	authorize := func(_ context.Context, request *http.Request) error {
		request.Header.Set("Authorization", "Bearer "+token)
		return nil
	}
	return must(generated.NewClientWithResponses(os.Getenv("TIDINGS_URL"), generated.WithRequestEditorFn(authorize)))
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	name, ctx := os.Getenv("TIDINGS_NAME"), context.Background()
	backEnd, user := client(os.Getenv("TIDINGS_API_KEY")), client(os.Getenv("TIDINGS_TOKEN"))

	title, key := "one by "+name, "one by "+name
	toOne := generated.NotifyInput{Title: &title, Data: &map[string]interface{}{"amount": 12.5}}
	if err := toOne.To.FromToUser(generated.ToUser{User: "42"}); err != nil {
		panic(err)
	}
	one := must(backEnd.SendNotificationWithResponse(ctx, &generated.SendNotificationParams{IdempotencyKey: &key}, toOne))

	titleOfAll := "all by " + name
	toAll := generated.NotifyInput{Title: &titleOfAll}
	if err := toAll.To.FromToEveryone(generated.ToEveryone{Everyone: true}); err != nil {
		panic(err)
	}
	batch := generated.SendNotificationBatchJSONRequestBody{toAll}
	all := must(backEnd.SendNotificationBatchWithResponse(ctx, nil, batch))

	limit := 2
	inbox := must(user.ListInboxWithResponse(ctx, &generated.ListInboxParams{Limit: &limit}))
	shown := []int64{}
	for _, item := range inbox.JSON200.Items {
		shown = append(shown, item.Rev)
	}

	missing := must(backEnd.ReadNotificationWithResponse(ctx, "none", nil))
	fmt.Println(string(must(json.Marshal(map[string]interface{}{
		"revs": []int64{one.JSON201.Rev, *all.JSON201.Results[0].Rev},
		"shown": shown,
		"code": missing.ApplicationproblemJSON404.Code,
	}))))
}
