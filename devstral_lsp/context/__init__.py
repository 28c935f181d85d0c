"""What a model is told beside the text around the cursor."""
