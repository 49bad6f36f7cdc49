"""What every service that reads PDFs needs: opening them safely, choosing pages. Loaded by no gateway."""
